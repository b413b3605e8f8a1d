import { type Place, RecipeError } from '../foundation/errors.js';

/** The form of a number in the data of a node. */
export interface NumberFormat<Value> {
  /** The text that describes the data in errors. */
  readonly expected: string;
  /** Returns undefined if the data is not such a number. The data of a node that was created empty means 0. */
  decode(data: Buffer): Value | undefined;
  /** Returns undefined if the format has no such number. */
  encode(value: Value): Buffer | undefined;
}

/** Curator's `DistributedAtomicLong`. */
export const int64: NumberFormat<bigint> = {
  expected: 'a bigint of at most 64 bits',
  decode: (data) => (data.length === 0 ? 0n : data.length === 8 ? data.readBigInt64BE() : undefined),
  encode(value) {
    if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) return undefined;
    const data = Buffer.alloc(8);
    data.writeBigInt64BE(value);
    return data;
  },
};

/** Curator's `SharedCount`. */
export const int32: NumberFormat<number> = {
  expected: 'an integer of 32 bits',
  decode: (data) => (data.length === 0 ? 0 : data.length === 4 ? data.readInt32BE() : undefined),
  encode(value) {
    if ((value | 0) !== value) return undefined;
    const data = Buffer.alloc(4);
    data.writeInt32BE(value);
    return data;
  },
};

/** The `Counter` of kazoo with an integer, which has no limit in Python. */
export const integerText: NumberFormat<bigint> = {
  expected: 'a bigint',
  decode(data) {
    const text = data.toString('latin1').trim();
    return /^([+-]?\d+)?$/.test(text) ? BigInt(text.replace('+', '')) : undefined;
  },
  encode: (value) => (typeof value === 'bigint' ? Buffer.from(String(value)) : undefined),
};

/** The `Counter` of kazoo with a float. Python writes `3.0` where JavaScript writes `3`. */
export const floatText: NumberFormat<number> = {
  expected: 'a finite number',
  decode(data) {
    const text = data.toString('latin1').trim();
    return /^([+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?)?$/i.test(text) ? Number(text) : undefined;
  },
  encode(value) {
    if (!Number.isFinite(value)) return undefined;
    const text = Object.is(value, -0) ? '-0' : String(value);
    return Buffer.from(/^-?\d+$/.test(text) ? `${text}.0` : text);
  },
};

/** @throws `BAD_NODE` if the data is not a number of the format */
export function decodeNumber<Value>(format: NumberFormat<Value>, data: Buffer, place: Place): Value {
  const value = format.decode(data);
  if (value !== undefined) return value;
  throw new RecipeError('BAD_NODE', place, `the data of the node is not ${format.expected} (${data.length} bytes)`);
}

/** @throws `BADARGUMENTS` if the format has no such number */
export function encodeNumber<Value>(format: NumberFormat<Value>, value: Value, place: Place): Buffer {
  const data = format.encode(value);
  if (data !== undefined) return data;
  throw new RecipeError('BADARGUMENTS', place, `the value must be ${format.expected}, got ${value}`);
}
