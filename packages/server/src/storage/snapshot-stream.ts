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
 * A snapshot in the stream to a learner (spec 4.5): a file's content without its header, seals and digest,
 * followed by a signature.
 */

const signature = 'BenWasHere';

/** Writes a snapshot slice by slice; `next` returns undefined when it is complete. */
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

/** Reads such a stream as it arrives. */
export class SnapshotDecoder {
  readonly #input = new StreamInput();
  readonly #body: SnapshotBodyReader;

  constructor(sink: SnapshotSink, recordBytesMax?: number) {
    this.#body = new SnapshotBodyReader(this.#input, sink, recordBytesMax);
  }

  /** Returns the bytes after the snapshot once it is complete. Throws an `Error` that describes an invalid snapshot. */
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
