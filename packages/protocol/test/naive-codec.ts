import { type FieldType, fieldsOf, type Schema, vectorItem } from '../src/schema.js';

/**
 * A second codec, which verifies Reader, Writer and the generated codecs, and shares no code with them. It was written
 * from the table in `schema.ts` alone. It walks the schema and concatenates small buffers, so it is slow but simple.
 */
export function naiveEncode(schema: Schema, type: FieldType, value: unknown): Buffer {
  const item = vectorItem(type);
  if (item !== undefined) {
    if (value === null) return int32(-1);
    const items = value as unknown[];
    return Buffer.concat([int32(items.length), ...items.map((each) => naiveEncode(schema, item, each))]);
  }
  switch (type) {
    case 'int':
      return int32(value as number);
    case 'bool':
      return Buffer.from([value ? 1 : 0]);
    case 'long':
      return int64(value as bigint);
    case 'zxid':
    case 'timeMs':
      return int64(BigInt(value as number));
    case 'ustring':
      return value === null ? int32(-1) : withLength(cesu8(value as string));
    case 'buffer':
      return value === null ? int32(-1) : withLength(value as Buffer);
  }
  const record = value as Record<string, unknown>;
  const fields = fieldsOf(schema, type);
  return Buffer.concat(fields.map(([name, fieldType]) => naiveEncode(schema, fieldType, record[name])));
}

function withLength(bytes: Buffer): Buffer {
  return Buffer.concat([int32(bytes.length), bytes]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

/** Encodes each UTF-16 unit separately. Node's UTF-8 encoder is used for all units except surrogates. */
function cesu8(text: string): Buffer {
  const units = Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
  return Buffer.concat(
    units.map((unit) => (isSurrogate(unit) ? threeBytes(unit) : Buffer.from(String.fromCharCode(unit)))),
  );
}

const isSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdfff;

/** Returns the three bytes 1110xxxx 10xxxxxx 10xxxxxx, where x stands for the binary digits of the unit. */
function threeBytes(unit: number): Buffer {
  const bits = unit.toString(2).padStart(16, '0');
  const groups = [`1110${bits.slice(0, 4)}`, `10${bits.slice(4, 10)}`, `10${bits.slice(10)}`];
  return Buffer.from(groups.map((group) => Number.parseInt(group, 2)));
}
