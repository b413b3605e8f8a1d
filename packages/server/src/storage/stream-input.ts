/**
 * The unread bytes, `bytes[at, end)`, of a stream that arrives in pieces. Usually a piece is read without a copy. If a
 * piece ends with an incomplete entry, the start of the entry is copied to a buffer with spare room. The next pieces
 * are added there, so the start is not copied again for each piece.
 */
export class StreamInput {
  bytes: Buffer = nothing;
  at = 0;
  end = 0;
  #kept: Buffer = nothing;
  #needed = 0;

  /**
   * True if `count` unread bytes are available. Otherwise `isReady` becomes true when that many bytes are available.
   */
  has(count: number): boolean {
    if (this.end - this.at >= count) return true;
    this.#needed = count;
    return false;
  }

  get isReady(): boolean {
    return this.end - this.at >= this.#needed;
  }

  add(piece: Buffer): void {
    if (this.at === this.end) {
      this.bytes = piece;
      this.at = 0;
      this.end = piece.length;
      return;
    }
    if (this.end + piece.length > this.#kept.length) this.#moveTo(this.#roomFor(this.end - this.at + piece.length));
    piece.copy(this.#kept, this.end);
    this.end += piece.length;
  }

  #roomFor(count: number): Buffer {
    const { length } = this.#kept;
    return count <= length ? this.#kept : Buffer.allocUnsafeSlow(Math.max(count, length * 2, smallest));
  }

  #moveTo(target: Buffer): void {
    this.bytes.copy(target, 0, this.at, this.end);
    this.end -= this.at;
    this.at = 0;
    this.bytes = target;
    this.#kept = target;
  }

  /**
   * Copies the unread rest of the latest piece into a buffer of this object. Call this before the piece's own buffer is
   * reused.
   */
  keepRest(): void {
    if (this.bytes === this.#kept) return;
    this.#moveTo(this.#roomFor(this.end - this.at));
  }
}

const nothing = Buffer.alloc(0);
const smallest = 4096;
