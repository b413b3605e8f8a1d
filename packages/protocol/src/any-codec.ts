import { codecs } from './codecs.gen.js';
import type { Reader } from './reader.js';
import type { Writer } from './writer.js';

export type RecordName = keyof typeof codecs;

/** The codec of a record whose type is known only at run time. */
export interface AnyCodec {
  read(reader: Reader): unknown;
  /** The caller guarantees the type of `value`. */
  write(writer: Writer, value: unknown): void;
}

/** For code that takes a record's name from a table, such as `opTable`. */
export function codecByName(name: RecordName): AnyCodec {
  return codecs[name] as AnyCodec;
}
