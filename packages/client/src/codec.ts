import { shown } from './checks.js';
import { badArgument } from './errors.js';

/** Turns the data of nodes into values and back. `Input`: what is written, where that is not what is read. */
export interface Codec<Value, Input = Value> {
  /** Throws for what cannot be a value. Null: no data at all. */
  readonly encode: (value: Input) => Uint8Array | string | null;
  /** Throws for bytes that are no value. They are only good during the call: copy what is kept. */
  readonly decode: (bytes: Buffer) => Value;
}

/** The half of a codec that writes need. */
export type Encoder<Input = never> = Pick<Codec<unknown, Input>, 'encode'>;

/** The half of a codec that reads need. */
export type Decoder<Value> = Pick<Codec<Value, never>, 'decode'>;

/** A value for a codec: the codec alone decides its type. */
export type ValueFor<Input> = [Input][Input extends unknown ? 0 : never];

/** The part of Standard Schema (standardschema.dev) that validators such as Zod, Valibot and ArkType share. */
export interface StandardSchema<Output = unknown, Input = Output> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
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
 * JSON that a validator checks. What is written is stored as it is, once the validator has taken what will be read; what
 * is read is what the validator makes of it, with its defaults and transforms.
 *
 * @param schema of any library that knows Standard Schema; it must validate synchronously
 */
export function json<Output, Input = Output>(schema: StandardSchema<Output, Input>): Codec<Output, Input>;
export function json(schema?: StandardSchema): Codec<unknown> {
  if (schema !== undefined && typeof schema?.['~standard']?.validate !== 'function') {
    throw badArgument('json', undefined, `schema must be a Standard Schema, got ${shown(schema)}`);
  }
  const read = (text: string) => (schema === undefined ? JSON.parse(text) : validated(schema, JSON.parse(text)));
  return {
    encode: (value) => {
      const text: string | undefined = JSON.stringify(value);
      if (text === undefined) throw new TypeError(`${typeof value} is nothing that JSON knows`);
      if (schema !== undefined) read(text);
      return text;
    },
    decode: (data) => read(data.toString('utf8')),
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
