import type { ServerConfig } from './server-config.js';

/** How far nodekeeper supports an option. */
export type OptionStatus =
  /** Supported: the value goes into a field of `ServerConfig`. */
  | 'works'
  /** Supported in an ensemble; without effect in a standalone server, as in ZooKeeper. */
  | 'ensemble'
  /** Read and checked, but without effect for now. `ignoring` names the consequence. */
  | 'later'
  /** Permanently without effect, because the option is for a part of the JVM or of ZooKeeper's Java client. */
  | 'inapplicable';

/** What happens if nodekeeper ignores an option. */
export type Ignoring =
  /**
   * The server behaves as ZooKeeper does with the option, or the option belongs to a feature that nodekeeper lacks. The
   * option is logged.
   */
  | 'nothing'
  /** The server lacks a feature that the option requests. A warning names the option. */
  | 'less'
  /**
   * The option restricts access, requires encryption or requires an audit log. Ignoring it would be unsafe, so the
   * server does not start.
   */
  | 'opens';

/** Why an option cannot be ignored, and what the operator can do. */
export interface Opening {
  /** The consequence of ignoring the option. */
  readonly effect: string;
  readonly advice: string;
  /** If present, only a server in an ensemble refuses to start, because a standalone server can ignore the option. */
  readonly only?: 'ensemble';
  /** If the operator has also set the option of this field, the server warns instead of refusing to start. */
  readonly unlessSet?: keyof ServerConfig;
}

/** The names of the fields of `ServerConfig` whose values have this type. */
export type FieldOf<Value> = {
  [Field in keyof ServerConfig]: ServerConfig[Field] extends Value ? Field : never;
}[keyof ServerConfig];

/** The result of parsing: the value, or the reason why the text is invalid. */
export type Parsed = { value: unknown; note?: string } | { error: string };

export interface OptionRow {
  /** The key in zoo.cfg. A `*` at its end stands for any further text. */
  readonly key: string;
  /** `parser`: the option is only a key of zoo.cfg. `property`: the key may also have the prefix `zookeeper.`. */
  readonly origin: 'parser' | 'property';
  readonly status: OptionStatus;
  readonly field?: keyof ServerConfig;
  /** The format of the value, for example `integer` or `true | false`. */
  readonly form: string;
  readonly parse: (text: string) => Parsed;
  /** The default as it would be written in zoo.cfg; empty if there is none. */
  readonly defaultText: string;
  readonly doc: string;
  /** The consequence of ignoring the option. Present only for options without effect. */
  readonly ignoring?: Ignoring;
  /** Why a server on which the option is set does not start. Present only for options that must not be ignored. */
  readonly opening?: Opening;
  /**
   * Values that ask only for what the server does anyway, for an option without effect. If the field is absent, the
   * default is the only such value.
   */
  readonly actual?: readonly string[];
  /** True if logs and errors must never show the value. */
  readonly secret?: boolean;
}

export interface OptionSection {
  readonly title: string;
  readonly rows: readonly OptionRow[];
}
