import { shown } from './checks.js';
import { badArgument } from './errors.js';

/** Turns the data of nodes into values and back. */
export interface Codec<Value> {
  /** Throws for what cannot be a value. Null: no data at all. */
  encode(value: Value): Uint8Array | string | null;
  /** Throws for bytes that are no value. They are only good during the call: copy what is kept. */
  decode(bytes: Buffer): Value;
}

/** The half of a codec that writes need, whatever its values are. */
export type Encoder = { encode(value: never): Uint8Array | string | null };

/** The part of Standard Schema (standardschema.dev) that validators such as Zod, Valibot and ArkType share. */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Bytes as they are; a copy, which the caller may keep. */
export const bytes: Codec<Buffer> = {
  encode: (value) => value,
  decode: (data) => Buffer.from(data),
};

/** Text in UTF-8. */
export const utf8: Codec<string> = {
  encode: (value) => value,
  decode: (data) => data.toString('utf8'),
};

/** JSON, without a check of what is in it. */
export function json<Value = unknown>(): Codec<Value>;
/**
 * JSON that a validator checks, both when it is read and when it is written; the value is what the validator gives.
 *
 * @param schema of any library that knows Standard Schema; it must validate synchronously
 */
export function json<Output>(schema: StandardSchema<Output>): Codec<Output>;
export function json<Value>(schema?: StandardSchema<Value>): Codec<Value> {
  if (schema !== undefined && typeof schema?.['~standard']?.validate !== 'function') {
    throw badArgument('json', undefined, `schema must be a Standard Schema, got ${shown(schema)}`);
  }
  const check =
    schema === undefined ? (value: unknown) => value as Value : (value: unknown) => validated(schema, value);
  return {
    encode: (value) => JSON.stringify(check(value)),
    decode: (data) => check(JSON.parse(data.toString('utf8'))),
  };
}

function validated<Value>(schema: StandardSchema<Value>, value: unknown): Value {
  const result = schema['~standard'].validate(value);
  if (result instanceof Promise) throw new TypeError('the validator is asynchronous; a codec needs a synchronous one');
  if (result.issues === undefined) return result.value;
  throw new TypeError(result.issues.map(issueText).join('; '));
}

function issueText({ message, path }: StandardIssue): string {
  if (path === undefined || path.length === 0) return message;
  return `${path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')}: ${message}`;
}
