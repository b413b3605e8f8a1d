import { ProtocolError } from './errors.js';
import { decodeUtf8 } from './utf8.js';

/**
 * Reads jute's primitives from a span of a buffer. Throws `ProtocolError` for a read past the end, and for a negative
 * length of a string or buffer.
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

  /** Points this reader at another span. */
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

  /** A 64-bit integer as a number; exact up to 2^53 (see `schema.ts`). */
  long(): number {
    return getLong(this.bytes, this.#take(8));
  }

  longBig(): bigint {
    return getLongBig(this.bytes, this.#take(8));
  }

  /** The length before a string or buffer; -1 means null. */
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

  /** Returns a view of the source buffer, not a copy. It is valid only as long as that buffer is unchanged. */
  buffer(): Buffer | null {
    const length = this.length();
    if (length < 0) return null;
    const at = this.#take(length);
    return this.bytes.subarray(at, at + length);
  }

  /**
   * A vector's count, or -1 for null. Each item takes at least `itemSizeMin` bytes, so an impossibly large count fails
   * here. Any other negative count is an empty vector, as in ZooKeeper.
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

/** A typed array is several times faster here than Node's readBigInt64BE. */
export function getLongBig(bytes: Uint8Array, at: number): bigint {
  halves[high] = getInt(bytes, at);
  halves[low] = getInt(bytes, at + 4);
  return long[0]!;
}
