import type { Stat } from '@nodekeeper/client';

const recordsPerPage = 1024;
/** czxid, mzxid, pzxid, ctime, mtime */
const doublesPerRecord = 5;
/** version, cversion, aversion, dataLength, numChildren */
const integersPerRecord = 5;

/** Stores the Stats of many nodes in 68 bytes each. A Stat as an object takes about 220 bytes. */
export class StatTable {
  readonly #pages: Page[] = [];
  readonly #free: number[] = [];
  #length = 0;

  /** Stores a Stat, and returns the number of its record. The numbers are reused after `delete`. */
  add(stat: Stat): number {
    const record = this.#free.pop() ?? this.#length++;
    if (record === this.#pages.length * recordsPerPage) this.#pages.push(new Page());
    this.set(record, stat);
    return record;
  }

  set(record: number, stat: Stat): void {
    this.#pageOf(record).write(record % recordsPerPage, stat);
  }

  get(record: number): Stat {
    return this.#pageOf(record).read(record % recordsPerPage);
  }

  czxid(record: number): number {
    return this.#pageOf(record).doubles[(record % recordsPerPage) * doublesPerRecord]!;
  }

  mzxid(record: number): number {
    return this.#pageOf(record).doubles[(record % recordsPerPage) * doublesPerRecord + 1]!;
  }

  delete(record: number): void {
    this.#free.push(record);
  }

  #pageOf(record: number): Page {
    return this.#pages[Math.floor(record / recordsPerPage)]!;
  }
}

/** A number of Stats, by column. */
class Page {
  readonly doubles = new Float64Array(recordsPerPage * doublesPerRecord);
  readonly #integers = new Int32Array(recordsPerPage * integersPerRecord);
  readonly #owners = new BigInt64Array(recordsPerPage);

  write(index: number, stat: Stat): void {
    const double = index * doublesPerRecord;
    this.doubles[double] = stat.czxid;
    this.doubles[double + 1] = stat.mzxid;
    this.doubles[double + 2] = stat.pzxid;
    this.doubles[double + 3] = stat.ctime;
    this.doubles[double + 4] = stat.mtime;
    const integer = index * integersPerRecord;
    this.#integers[integer] = stat.version;
    this.#integers[integer + 1] = stat.cversion;
    this.#integers[integer + 2] = stat.aversion;
    this.#integers[integer + 3] = stat.dataLength;
    this.#integers[integer + 4] = stat.numChildren;
    this.#owners[index] = stat.ephemeralOwner;
  }

  read(index: number): Stat {
    const double = index * doublesPerRecord;
    const integer = index * integersPerRecord;
    return new StoredStat(
      this.doubles[double]!,
      this.doubles[double + 1]!,
      this.doubles[double + 3]!,
      this.doubles[double + 4]!,
      this.#integers[integer]!,
      this.#integers[integer + 1]!,
      this.#integers[integer + 2]!,
      this.#owners[index]!,
      this.#integers[integer + 3]!,
      this.#integers[integer + 4]!,
      this.doubles[double + 2]!,
    );
  }
}

/** A Stat that `JSON.stringify` accepts, as the Stats of the client. */
class StoredStat implements Stat {
  constructor(
    readonly czxid: number,
    readonly mzxid: number,
    readonly ctime: number,
    readonly mtime: number,
    readonly version: number,
    readonly cversion: number,
    readonly aversion: number,
    readonly ephemeralOwner: bigint,
    readonly dataLength: number,
    readonly numChildren: number,
    readonly pzxid: number,
  ) {}

  toJSON(): object {
    return { ...this, ephemeralOwner: `0x${BigInt.asUintN(64, this.ephemeralOwner).toString(16)}` };
  }
}
