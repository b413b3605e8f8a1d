import { codecs } from './codecs.gen.js';
import type { Reader } from './reader.js';
import type { Writer } from './writer.js';

export type RecordName = keyof typeof codecs;

/** The codec of a record whose type is known only at run time. */
export interface AnyCodec {
  read(reader: Reader): unknown;
  /** The caller must ensure that `value` has the type of the record. */
  write(writer: Writer, value: unknown): void;
}

/** Returns the codec of a record, for code that takes the name of the record from a table such as `opTable`. */
export function codecByName(name: RecordName): AnyCodec {
  return codecs[name] as AnyCodec;
}
