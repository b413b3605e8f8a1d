import type { Stat as StatFields } from './codecs.gen.js';
import { sessionIdHex } from './zxid.js';

/** A Stat that has been read. In JSON `ephemeralOwner`, a bigint, is text as the shell prints it; `"0x0"` is none. */
class Stat implements StatFields {
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

  toJSON(): Omit<StatFields, 'ephemeralOwner'> & { ephemeralOwner: string } {
    return { ...this, ephemeralOwner: sessionIdHex(this.ephemeralOwner) };
  }
}

export { Stat as ReadStat };
