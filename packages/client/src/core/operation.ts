import {
  type AnyCodec,
  codecByName,
  type codecs,
  type MultiOp,
  type MultiResult,
  type OpName,
  opTable,
  type Reader,
  type RecordName,
  readMultiResponse,
  type Writer,
  writeMultiRequest,
} from '@nodekeeper/protocol';

type Codecs = typeof codecs;
type Table = typeof opTable;

/** The record after the header in a request of this operation. */
export type RequestOf<Name extends OpName> = Table[Name]['request'] extends infer Record
  ? Record extends keyof Codecs
    ? Parameters<Codecs[Record]['write']>[1]
    : Record extends 'multi'
      ? readonly MultiOp[]
      : undefined
  : never;

/** The record after the header in a reply to this operation. */
export type ResponseOf<Name extends OpName> = Table[Name]['response'] extends infer Record
  ? Record extends keyof Codecs
    ? ReturnType<Codecs[Record]['read']>
    : Record extends 'multi'
      ? MultiResult[]
      : undefined
  : never;

/** An operation of `opTable`, with the functions that write its request record and read its response record. */
export interface Operation {
  readonly name: OpName;
  readonly number: number;
  readonly write: (writer: Writer, request: unknown) => void;
  readonly read: (reader: Reader) => unknown;
}

const noBody: AnyCodec = { read: () => undefined, write: () => {} };
const multi: AnyCodec = {
  read: readMultiResponse,
  write: (writer, ops) => writeMultiRequest(writer, ops as readonly MultiOp[]),
};

function codecOf(record: RecordName | 'multi' | null): AnyCodec {
  if (record === null) return noBody;
  return record === 'multi' ? multi : codecByName(record);
}

export const operations = Object.fromEntries(
  Object.entries(opTable).map(([name, row]) => [
    name,
    {
      name,
      number: row.number,
      write: codecOf(row.request).write,
      read: codecOf(row.response).read,
    },
  ]),
) as { readonly [Name in OpName]: Operation };
