import { ProtocolError } from './errors.js';
import { decodeUtf8 } from './utf8.js';

/**
 * Reads the primitive types of jute, the encoding of ZooKeeper, from a part of a buffer. Throws `ProtocolError` for a
 * read past the end of the part, and for a string or buffer whose length is below -1.
 */
export class Reader {
  bytes: Buffer;
  position: number;
  end: number;

  constructor(bytes: Buffer, position = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  /** Makes this reader read another part of a buffer. */
  reset(bytes: Buffer, position = 0, end = bytes.length): this {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
    return this;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  #take(count: number): number {
    const at = this.position;
    if (at + count > this.end) throw shortRead(count, this.end - at);
    this.position = at + count;
    return at;
  }

  byte(): number {
    return this.bytes[this.#take(1)]!;
  }

  bool(): boolean {
    return this.byte() !== 0;
  }

  int(): number {
    return getInt(this.bytes, this.#take(4));
  }

  /** Reads a 64-bit integer as a number, which is exact up to 2^53 (see `schema.ts`). */
  long(): number {
    return getLong(this.bytes, this.#take(8));
  }

  longBig(): bigint {
    return getLongBig(this.bytes, this.#take(8));
  }

  /** Reads the length of a string or buffer; -1 means null. */
  length(): number {
    const length = this.int();
    if (length < -1) throw new ProtocolError(`negative length ${length} at byte ${this.position - 4}`);
    return length;
  }

  ustring(): string | null {
    const length = this.length();
    if (length < 0) return null;
    const at = this.#take(length);
    return decodeUtf8(this.bytes, at, at + length);
  }

  /**
   * Returns a view of the source buffer, not a copy. The view is valid only as long as the source buffer is unchanged.
   */
  buffer(): Buffer | null {
    const length = this.length();
    if (length < 0) return null;
    const at = this.#take(length);
    return this.bytes.subarray(at, at + length);
  }

  /**
   * Reads the number of items in a vector; -1 means null. Each item takes at least `itemSizeMin` bytes. If that many
   * items cannot fit into the remaining bytes, throws `ProtocolError`. A number below -1 means an empty vector, as in
   * ZooKeeper.
   */
  count(itemSizeMin: number): number {
    const count = this.int();
    if (count < 0) return count === -1 ? -1 : 0;
    if (count * itemSizeMin > this.remaining) throw shortRead(count * itemSizeMin, this.remaining);
    return count;
  }

  skip(count: number): void {
    this.#take(count);
  }
}

function shortRead(wanted: number, left: number): ProtocolError {
  return new ProtocolError(`expected ${wanted} more bytes, but only ${left} are left`);
}

export function getInt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

export function getLong(bytes: Uint8Array, at: number): number {
  return getInt(bytes, at) * 0x100000000 + (getInt(bytes, at + 4) >>> 0);
}

const long = BigInt64Array.of(1n);
const halves = new Int32Array(long.buffer);
const [low, high] = halves[0] === 1 ? [0, 1] : [1, 0];

/**
 * Reads a big-endian 64-bit integer. Converts it through a typed array, which is several times faster than
 * readBigInt64BE of Node.
 */
export function getLongBig(bytes: Uint8Array, at: number): bigint {
  halves[high] = getInt(bytes, at);
  halves[low] = getInt(bytes, at + 4);
  return long[0]!;
}
