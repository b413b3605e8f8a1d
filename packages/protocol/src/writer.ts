/**
 * Writes the primitive types of jute, the encoding of ZooKeeper, into one growing buffer. To avoid allocations, keep
 * one writer and call `reset` between uses. The result of `view()` is valid only until the next write.
 */
export class Writer {
  /** The output buffer. When the buffer is full, a larger one replaces it. */
  bytes: Buffer;
  position = 0;
  /**
   * A view of the output buffer that writes numbers fast, because V8 compiles the setters of a DataView to single
   * stores.
   */
  #numbers: DataView;

  constructor(capacity = 256) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
    this.#numbers = numbersOf(this.bytes);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.position + count > this.bytes.length) this.#grow(this.position + count);
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.position);
    this.bytes = grown;
    this.#numbers = numbersOf(grown);
  }

  reset(): void {
    this.position = 0;
  }

  /** Returns the written bytes without copying them. */
  view(): Buffer {
    return this.bytes.subarray(0, this.position);
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.position++] = value;
  }

  bool(value: boolean): void {
    this.byte(value ? 1 : 0);
  }

  int(value: number): void {
    this.reserve(4);
    this.#numbers.setInt32(this.position, value);
    this.position += 4;
  }

  /** Writes a 64-bit integer that a JavaScript number holds exactly: a zxid, a time or a length. */
  long(value: number): void {
    this.reserve(8);
    this.#numbers.setInt32(this.position, Math.floor(value / 0x100000000));
    this.#numbers.setInt32(this.position + 4, value);
    this.position += 8;
  }

  longBig(value: bigint): void {
    this.reserve(8);
    this.#numbers.setBigInt64(this.position, value);
    this.position += 8;
  }

  /**
   * Writes a string with its length. Encodes each UTF-16 unit separately, as Java's writer does (CESU-8 beyond the BMP;
   * spec 1.1.5).
   */
  ustring(value: string | null): void {
    if (value === null) {
      this.int(-1);
      return;
    }
    this.reserve(4 + value.length * 3);
    const start = this.position + 4;
    const end = putString(this.bytes, start, value);
    putInt(this.bytes, this.position, end - start);
    this.position = end;
  }

  buffer(value: Uint8Array | null): void {
    if (value === null) {
      this.int(-1);
      return;
    }
    this.int(value.length);
    this.raw(value, 0, value.length);
  }

  /** Writes the bytes without a length. */
  raw(value: Uint8Array, start = 0, end = value.length): void {
    const count = end - start;
    this.reserve(count);
    if (count <= 32) copyShort(value, start, end, this.bytes, this.position);
    else if (value instanceof Buffer) value.copy(this.bytes, this.position, start, end);
    else this.bytes.set(value.subarray(start, end), this.position);
    this.position += count;
  }
}

/** Copies up to 32 bytes. For so few bytes, a loop is faster than `Buffer.copy`. */
function copyShort(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void {
  for (let from = start, to = at; from < end; ) target[to++] = source[from++]!;
}

function numbersOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Writes a big-endian int at `at` and returns the position after it. */
export function putInt(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
  return at + 4;
}

/**
 * Writes the bytes of a string at `at`, without a length, and returns the position after them. The caller must reserve
 * three bytes for each UTF-16 unit.
 */
export function putString(bytes: Uint8Array, at: number, value: string): number {
  let position = at;
  for (let index = 0; index < value.length; index++) {
    const unit = value.charCodeAt(index);
    if (unit < 0x80) {
      bytes[position++] = unit;
    } else if (unit < 0x800) {
      bytes[position++] = 0xc0 | (unit >>> 6);
      bytes[position++] = 0x80 | (unit & 0x3f);
    } else {
      bytes[position++] = 0xe0 | (unit >>> 12);
      bytes[position++] = 0x80 | ((unit >>> 6) & 0x3f);
      bytes[position++] = 0x80 | (unit & 0x3f);
    }
  }
  return position;
}
