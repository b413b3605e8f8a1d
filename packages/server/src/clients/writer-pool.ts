import { Writer } from '@nodekeeper/protocol';

const pooledMax = 64;
const pooledBytesMax = 1024 * 1024;

/**
 * A pool of output buffers. A connection borrows a buffer while it has something to send, so an idle connection holds
 * none.
 */
export class WriterPool {
  readonly #spares: Writer[] = [];

  take(): Writer {
    const writer = this.#spares.pop() ?? new Writer(4096);
    writer.reset();
    return writer;
  }

  give(writer: Writer): void {
    if (this.#spares.length < pooledMax && writer.bytes.length <= pooledBytesMax) this.#spares.push(writer);
  }
}
