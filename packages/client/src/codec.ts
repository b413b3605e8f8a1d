import { shown } from './checks.js';
import { badArgument } from './errors.js';

/**
 * Converts between values and the data of nodes. `Value` is the type that is read, `Input` the type that is written.
 */
export interface Codec<Value, Input = Value> {
  /** Converts a value to data. Throws if the value is invalid. The result null stands for a node without data. */
  readonly encode: (value: Input) => Uint8Array | string | null;
  /**
   * Converts data to a value. Throws if the bytes are invalid. The buffer is valid only during the call, so copy the
   * bytes that the value keeps.
   */
  readonly decode: (bytes: Buffer) => Value;
}

/** The half of a codec that write operations need. */
export type Encoder<Input = never> = Pick<Codec<unknown, Input>, 'encode'>;

/** The half of a codec that read operations need. */
export type Decoder<Value> = Pick<Codec<Value, never>, 'decode'>;

/** The type of the values for a codec. TypeScript infers it from the codec alone, never from the value. */
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

/** A codec that does not convert the bytes. The decoded buffer is a copy that the caller may keep. */
export const bytes: Codec<Buffer> = {
  encode: (value) => value,
  decode: (data) => Buffer.from(data),
};

/** A codec for text in UTF-8. */
export const utf8: Codec<string> = {
  encode: (value) => value,
  decode: (data) => data.toString('utf8'),
};

/** Returns a codec for JSON without validation. */
export function json<Value = unknown>(): Codec<Value>;
/**
 * Returns a codec for JSON with validation. `encode` validates the value and then stores the input unchanged. `decode`
 * returns the output of the validator, with its defaults and transforms.
 *
 * @param schema a schema of any library that implements Standard Schema; it must validate synchronously
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
      if (text === undefined) throw new TypeError(`JSON cannot represent a value of type ${typeof value}`);
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
