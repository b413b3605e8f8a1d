import fc from 'fast-check';
import { ReadStat } from '../src/index.js';
import { type FieldType, fieldsOf, type Schema, vectorItem } from '../src/schema.js';

const int = fc.oneof(
  fc.constantFrom(-1, 0, 1, 0x7fffffff, -0x80000000),
  fc.integer({ min: -0x80000000, max: 0x7fffffff }),
);

/**
 * Integers that a JavaScript number holds exactly. Some of them are just below or above 2^31 and 2^32, where errors are
 * likely.
 */
const exactLong = fc.oneof(
  fc.constantFrom(-1, 0, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, -0x100000000, -0x100000001),
  fc.maxSafeInteger(),
);

const long = fc.oneof(
  fc.constantFrom(-1n, 0n, 1n, (1n << 63n) - 1n, -(1n << 63n), 0xffffffffn, 0x100000000n),
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
);

/**
 * Text that is unchanged after encoding and decoding. It has no surrogates, because a reader replaces each one by
 * U+FFFD.
 */
const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({
    maxLength: 6,
    unit: fc
      .oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0xffff }))
      .map((unit) => String.fromCharCode(unit)),
  }),
);

const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 6 });

/** Generates values of a field type, or of the record with that name. */
export function arbitraryOf(schema: Schema, type: FieldType): fc.Arbitrary<unknown> {
  const item = vectorItem(type);
  if (item !== undefined) return nullable(fc.array(arbitraryOf(schema, item), { maxLength: 4 }));
  switch (type) {
    case 'int':
      return int;
    case 'bool':
      return fc.boolean();
    case 'long':
      return long;
    case 'zxid':
    case 'timeMs':
      return exactLong;
    case 'ustring':
      return nullable(text);
    case 'buffer':
      return nullable(fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)));
  }
  const fields = fieldsOf(schema, type);
  const values = fc.record(
    Object.fromEntries(fields.map(([name, fieldType]) => [name, arbitraryOf(schema, fieldType)])),
    { noNullPrototype: true },
  );
  return type === 'Stat' ? values.map((value) => Object.assign(Object.create(ReadStat.prototype), value)) : values;
}
