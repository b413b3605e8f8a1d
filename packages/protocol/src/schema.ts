/**
 * The types of the fields in the record tables. A record is an ordered list of fields, and the wire format (jute)
 * encodes them in this order.
 *
 * | type | wire | JS |
 * | --- | --- | --- |
 * | `int` | 4 bytes | number |
 * | `bool` | 1 byte | boolean |
 * | `long` | 8 bytes | bigint: session ids, checksums and other values that use all 64 bits |
 * | `zxid` | 8 bytes | number: exact while the epoch is below 2^21 |
 * | `timeMs` | 8 bytes | number: wall-clock milliseconds, and durations such as a TTL |
 * | `ustring` | int length (-1 = null) + UTF-8 | string or null |
 * | `buffer` | int length (-1 = null) + bytes | Buffer or null |
 * | `vector<T>` | int count (-1 = null) + items | array or null |
 * | the name of a record | the fields of that record, without a prefix | object |
 */
export type FieldType = string;
export type RecordSchema = Readonly<Record<string, FieldType>>;
export type Schema = Readonly<Record<string, RecordSchema>>;

const scalarTypes = ['int', 'bool', 'long', 'zxid', 'timeMs', 'ustring', 'buffer'] as const;
type ScalarType = (typeof scalarTypes)[number];

export function isScalar(type: FieldType): type is ScalarType {
  return (scalarTypes as readonly string[]).includes(type);
}

/** Returns the fields of a record in wire order. Throws for an unknown record name. */
export function fieldsOf(schema: Schema, record: string): [field: string, type: FieldType][] {
  const fields = schema[record];
  if (fields === undefined) throw new Error(`there is no record named ${record}`);
  return Object.entries(fields);
}

/** Returns the item type of `vector<T>`, or undefined if the type is not a vector. */
export function vectorItem(type: FieldType): FieldType | undefined {
  return /^vector<(\w+)>$/.exec(type)?.[1];
}
