import { ProtocolError } from './errors.js';
import { getInt } from './reader.js';

/**
 * Cuts a byte stream into frames: int length + payload. The position moves past a frame before its content is parsed. A
 * malformed frame therefore cannot shift the start of the next one.
 *
 * A frame that lies whole in one chunk is passed in place. Only a frame that spans chunks is copied, into a buffer of
 * exactly its announced length.
 */
export class Deframer {
  readonly #frameSizeMax: number;
  #partial: Buffer | undefined;
  #partialSize = 0;

  /** @param frameSizeMax `push` throws `ProtocolError` for a longer or a negative announced length */
  constructor(frameSizeMax: number) {
    this.#frameSizeMax = frameSizeMax;
  }

  /** Bytes received of the unfinished frame. */
  get pendingBytes(): number {
    return this.#partialSize;
  }

  /**
   * Takes a chunk and calls `onFrame(bytes, start, end)` for each whole frame, in order. The span is valid only during
   * the call. If `onFrame` returns false, `push` stops and returns the remaining bytes. The caller passes them in again
   * before any newer chunk. `onFrame` must not throw because of a frame's content: the rest of the chunk would be lost.
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

  /** Copies bytes into the unfinished frame: first its length, then its payload. Returns the position reached. */
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
