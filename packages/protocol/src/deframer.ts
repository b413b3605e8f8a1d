import { ProtocolError } from './errors.js';
import { getInt } from './reader.js';

/**
 * Cuts a byte stream into frames. A frame is a length of four bytes and a payload of that length. The deframer moves
 * past a frame before the caller parses the payload. A malformed payload therefore cannot shift the start of the next
 * frame.
 *
 * A frame that lies within one chunk is passed without a copy. Only a frame that spans several chunks is copied, into a
 * buffer of exactly its announced length.
 */
export class Deframer {
  readonly #frameSizeMax: number;
  #partial: Buffer | undefined;
  #partialSize = 0;

  /**
   * @param frameSizeMax the limit for the length that a frame announces; `push` throws `ProtocolError` for a longer or
   * a negative length
   */
  constructor(frameSizeMax: number) {
    this.#frameSizeMax = frameSizeMax;
  }

  /** The number of received bytes of the incomplete frame. */
  get pendingBytes(): number {
    return this.#partialSize;
  }

  /**
   * Takes the next chunk of the stream, and calls `onFrame(bytes, start, end)` for each complete frame, in order. The
   * payload, from `start` to `end`, is valid only during the call. If `onFrame` returns false, `push` stops and returns
   * the rest of the chunk. The caller must pass this rest in again before any newer chunk. `onFrame` must not throw for
   * a malformed frame. An exception would lose the rest of the chunk.
   */
  push(chunk: Buffer, onFrame: (bytes: Buffer, start: number, end: number) => boolean): Buffer | undefined {
    let at = 0;
    while (this.#partial !== undefined || this.#partialSize > 0) {
      at = this.#fill(chunk, at);
      const frame = this.#partial;
      if (frame === undefined || this.#partialSize < frame.length) {
        if (at >= chunk.length) return undefined;
        continue;
      }
      this.#partial = undefined;
      this.#partialSize = 0;
      if (!onFrame(frame, 4, frame.length)) return at < chunk.length ? chunk.subarray(at) : undefined;
    }
    while (chunk.length - at >= 4) {
      const start = at + 4;
      const end = start + this.#checked(getInt(chunk, at));
      if (end > chunk.length) break;
      at = end;
      if (!onFrame(chunk, start, end)) return at < chunk.length ? chunk.subarray(at) : undefined;
    }
    if (at < chunk.length) this.#fill(chunk, at);
    return undefined;
  }

  readonly #head = Buffer.alloc(4);

  /**
   * Copies bytes of the chunk, from `at` on, into the incomplete frame: first the length, then the payload. Returns the
   * position in the chunk after the copied bytes.
   */
  #fill(chunk: Buffer, at: number): number {
    let position = at;
    if (this.#partial === undefined) {
      const headCount = chunk.copy(this.#head, this.#partialSize, position);
      this.#partialSize += headCount;
      position += headCount;
      if (this.#partialSize < 4) return position;
      this.#partial = Buffer.allocUnsafe(4 + this.#checked(getInt(this.#head, 0)));
      this.#head.copy(this.#partial);
    }
    const count = Math.min(chunk.length - position, this.#partial.length - this.#partialSize);
    chunk.copy(this.#partial, this.#partialSize, position, position + count);
    this.#partialSize += count;
    return position + count;
  }

  #checked(length: number): number {
    if (length < 0 || length > this.#frameSizeMax) {
      throw new ProtocolError(`frame length ${length} is outside 0..${this.#frameSizeMax} (jute.maxbuffer)`);
    }
    return length;
  }
}
