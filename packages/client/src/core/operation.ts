import {
  codecs,
  type MultiOp,
  type MultiResult,
  type OpName,
  opTable,
  type Reader,
  readMultiResponse,
  type Writer,
  writeMultiRequest,
} from '@nodekeeper/protocol';

type Codecs = typeof codecs;
type Table = typeof opTable;

/** What a request of this operation carries behind its header. */
export type RequestOf<Name extends OpName> = Table[Name]['request'] extends infer Record
  ? Record extends keyof Codecs
    ? Parameters<Codecs[Record]['write']>[1]
    : Record extends 'multi'
      ? readonly MultiOp[]
      : undefined
  : never;

/** What its reply carries. */
export type ResponseOf<Name extends OpName> = Table[Name]['response'] extends infer Record
  ? Record extends keyof Codecs
    ? ReturnType<Codecs[Record]['read']>
    : Record extends 'multi'
      ? MultiResult[]
      : undefined
  : never;

/** A row of the op table with the functions that write its request and read its response. */
export interface Operation {
  readonly name: OpName;
  readonly number: number;
  readonly write: (writer: Writer, request: unknown) => void;
  readonly read: (reader: Reader) => unknown;
}

type AnyCodecs = Record<string, { read(reader: Reader): unknown; write(writer: Writer, value: unknown): void }>;
const everyCodec: AnyCodecs = {
  ...(codecs as unknown as AnyCodecs),
  multi: { read: readMultiResponse, write: writeMultiRequest as (writer: Writer, value: unknown) => void },
  none: { read: () => undefined, write: () => {} },
};

export const operations = Object.fromEntries(
  Object.entries(opTable).map(([name, row]) => [
    name,
    {
      name,
      number: row.number,
      write: everyCodec[row.request ?? 'none'].write,
      read: everyCodec[row.response ?? 'none'].read,
    },
  ]),
) as { readonly [Name in OpName]: Operation };
