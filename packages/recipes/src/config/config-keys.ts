import { type Codec, json, type StandardSchema } from '@nodekeeper/client';
import type { Caller } from '../foundation/call.js';
import { checkOptions, isNodeName } from '../foundation/checks.js';
import { RecipeError } from '../foundation/errors.js';
import { childOf } from '../foundation/parents.js';

/** The schemas of the keys, by name. */
export type ConfigSchemas = Readonly<Record<string, StandardSchema>>;

/** The type of the values that are read: the output of the schema. */
type OutputOf<Schema> = Schema extends StandardSchema<infer Output, unknown> ? Output : never;

/** The type of the values that are written: the input of the schema. */
type InputOf<Schema> = Schema extends StandardSchema<unknown, infer Input> ? Input : never;

/** The keys of a configuration. */
export type ConfigKeys<Schemas extends ConfigSchemas> = {
  readonly [Key in keyof Schemas]: {
    /** Validates the value. Any library that implements Standard Schema has such schemas. It must be synchronous. */
    readonly schema: Schemas[Key];
    /** The value while the node of the key does not exist, or before it was ever valid. */
    readonly default: OutputOf<Schemas[Key]>;
  };
};

/** The values of all keys. */
export type ConfigValues<Schemas extends ConfigSchemas> = {
  readonly [Key in keyof Schemas]: OutputOf<Schemas[Key]>;
};

/** Values to write. */
export type ConfigInputs<Schemas extends ConfigSchemas> = { readonly [Key in keyof Schemas]: InputOf<Schemas[Key]> };

/** The node that has the earlier values of all keys. */
const historyName = '_history';

/** A key of a configuration, with the paths of its nodes. */
export class ConfigKey {
  readonly path: string;
  /** The parent of the nodes with the earlier values. */
  readonly historyPath: string;
  readonly codec: Codec<unknown>;

  constructor(
    private readonly caller: Caller,
    readonly name: string,
    schema: StandardSchema,
    readonly defaultValue: unknown,
  ) {
    this.path = childOf(caller.path, name);
    this.historyPath = childOf(historyPathOf(caller.path), name);
    this.codec = json(schema);
  }

  /** @throws `INVALID_DATA` if the schema refuses the value */
  encode(value: unknown): string {
    try {
      return this.codec.encode(value) as string;
    } catch (cause) {
      throw this.#invalid(`the new value: ${(cause as Error).message}`, cause);
    }
  }

  /** @throws `INVALID_DATA` if the data is not JSON, or the schema refuses it */
  decode(data: Buffer | null, version: number): unknown {
    try {
      return this.codec.decode(data ?? Buffer.alloc(0));
    } catch (cause) {
      throw this.#invalid(`version ${version}: ${(cause as Error).message}`, cause);
    }
  }

  #invalid(detail: string, cause: unknown): RecipeError {
    return new RecipeError('INVALID_DATA', this.caller, `${this.path}, ${detail}`, cause);
  }
}

export function historyPathOf(rootPath: string): string {
  return childOf(rootPath, historyName);
}

/** Checks the keys that a program defines. */
export function configKeysOf<Schemas extends ConfigSchemas>(
  caller: Caller,
  keys: ConfigKeys<Schemas>,
): Map<string, ConfigKey> {
  const bad = (detail: string) => new RecipeError('BADARGUMENTS', caller, detail);
  if (typeof keys !== 'object' || keys === null) throw bad('keys must be an object');
  const definitions = Object.entries(keys).map(([name, definition]) => {
    checkOptions(caller, { [name]: name }, { [name]: isNodeName });
    if (name === historyName) throw bad(`a key must not be called ${historyName}`);
    if (typeof definition?.schema?.['~standard']?.validate !== 'function') {
      throw bad(`the schema of ${name} must be a Standard Schema`);
    }
    return [name, new ConfigKey(caller, name, definition.schema, definition.default)] as const;
  });
  return new Map(definitions);
}
