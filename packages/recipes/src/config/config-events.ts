import type { ClientsPathOptions } from '../foundation/clients-path.js';
import type { RecipeError } from '../foundation/errors.js';
import type { ConfigKeys, ConfigSchemas, ConfigValues } from './config-keys.js';

/** Options of a `ConfigCenter`. */
export interface ConfigCenterOptions<Schemas extends ConfigSchemas> extends ClientsPathOptions {
  /** The keys, with a schema and a default value for each. Nodes with other names are ignored. */
  readonly keys: ConfigKeys<Schemas>;
  /** The number of versions in the history of a key, with the current one. Default 20. */
  readonly historyMax?: number;
}

/** The events of a `ConfigCenter`. */
export interface ConfigEvents<Schemas extends ConfigSchemas> {
  /** Some keys have new values. All changes of one transaction are in one event. */
  change: [
    change: {
      readonly keys: readonly (keyof Schemas & string)[];
      readonly current: ConfigValues<Schemas>;
      readonly previous: ConfigValues<Schemas>;
    },
  ];
  /**
   * The new value of a key is invalid, or cannot be read. The key keeps its last good value, and so do the keys that the
   * same transaction changed. The version is that of the invalid node, or -1 if the server refused the read.
   */
  invalid: [
    node: { readonly key: string; readonly path: string; readonly version: number; readonly error: RecipeError },
  ];
  /** The configuration is not followed any more, because the client has no session any more. */
  error: [error: RecipeError];
}

/** A version of a key in its history. */
export interface ConfigVersion<Value> {
  readonly version: number;
  /** The value; undefined if the schema refuses the data. */
  readonly value: Value | undefined;
  /** The zxid of the change. The keys that were changed together have the same. */
  readonly zxid: number;
  /** The time of the change by the leader's clock, in milliseconds since 1970. */
  readonly timeMs: number;
}
