import { getInt, Writer } from '@nodekeeper/protocol';
import {
  SnapshotBodyReader,
  SnapshotBodyWriter,
  type SnapshotSink,
  type SnapshotSource,
  sliceSize,
} from './snapshot-body.js';
import { StreamInput } from './stream-input.js';

/*
 * A leader sends a snapshot to a learner as a stream (spec 4.5). The stream has the content of a snapshot file, but no
 * file header, seals or digest. A signature ends the stream.
 */

const signature = 'BenWasHere';

/** Writes a snapshot slice by slice. `next` returns undefined when the snapshot is complete. */
export class SnapshotEncoder {
  readonly #source: SnapshotSource;
  readonly #body: SnapshotBodyWriter;
  #isDone = false;

  constructor(source: SnapshotSource) {
    this.#source = source;
    this.#body = new SnapshotBodyWriter(source);
  }

  next(): Buffer | undefined {
    if (this.#isDone) return undefined;
    const writer = new Writer(sliceSize * 2);
    if (!this.#body.writeSlice(writer)) {
      this.#isDone = true;
      this.#source.close();
      writer.ustring(signature);
    }
    return writer.view();
  }

  abort(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#source.close();
  }
}

/** Reads a snapshot from the stream of a leader as the bytes arrive. */
export class SnapshotDecoder {
  readonly #input = new StreamInput();
  readonly #body: SnapshotBodyReader;

  constructor(sink: SnapshotSink, recordBytesMax?: number) {
    this.#body = new SnapshotBodyReader(this.#input, sink, recordBytesMax);
  }

  /**
   * Reads the next bytes of the stream. Returns undefined until the snapshot is complete, and then the bytes that
   * follow the snapshot. Throws an `Error` that describes an invalid snapshot.
   */
  push(bytes: Buffer): Buffer | undefined {
    const input = this.#input;
    input.add(bytes);
    if (input.isReady && this.#body.read() && this.#readSignature()) return input.bytes.subarray(input.at, input.end);
    input.keepRest();
    return undefined;
  }

  #readSignature(): boolean {
    const input = this.#input;
    if (!input.has(4 + signature.length)) return false;
    const text = input.bytes.toString('latin1', input.at + 4, input.at + 4 + signature.length);
    if (getInt(input.bytes, input.at) !== signature.length || text !== signature) {
      throw new Error(`the snapshot does not end with "${signature}"`);
    }
    input.at += 4 + signature.length;
    return true;
  }
}
