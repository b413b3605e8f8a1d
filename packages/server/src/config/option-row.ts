import type { ServerConfig } from './server-config.js';

/** How far nodekeeper supports an option. */
export type OptionStatus =
  /** Fills a field of `ServerConfig`. */
  | 'works'
  /** Works in an ensemble; without effect in a standalone server, as in ZooKeeper. */
  | 'ensemble'
  /** Read and checked, but without effect for now; `ignoring` says what that means. */
  | 'later'
  /** For something that exists only in a JVM or in ZooKeeper's Java client; permanently without effect. */
  | 'inapplicable';

/** The consequence of ignoring an option. */
export type Ignoring =
  /** The server behaves the same, or the option belongs to an absent feature. It is logged. */
  | 'nothing'
  /** The server lacks a requested feature. A warning names it. */
  | 'less'
  /** The server would admit, send unencrypted or leave unrecorded what the option forbids. It does not start. */
  | 'opens';

/** Why an option cannot be ignored, and the remedy. */
export interface Opening {
  /** The consequence of ignoring it. */
  readonly effect: string;
  readonly advice: string;
  /** Ignoring it opens something only there. */
  readonly only?: 'ensemble';
  /** Ignoring it opens nothing if this option is set, too. */
  readonly unlessSet?: keyof ServerConfig;
}

/** The fields of the configuration with values of this type. */
export type FieldOf<Value> = {
  [Field in keyof ServerConfig]: ServerConfig[Field] extends Value ? Field : never;
}[keyof ServerConfig];

/** The parsed value, or the reason why it is invalid. */
export type Parsed = { value: unknown; note?: string } | { error: string };

export interface OptionRow {
  /** The name in zoo.cfg. A `*` at the end matches any further text. */
  readonly key: string;
  /** Parser: only a key of zoo.cfg. Property: also accepted as `zookeeper.<key>`. */
  readonly origin: 'parser' | 'property';
  readonly status: OptionStatus;
  readonly field?: keyof ServerConfig;
  /** The format of the value: `integer`, `true | false`, ... */
  readonly form: string;
  readonly parse: (text: string) => Parsed;
  /** The default as written in zoo.cfg; empty if there is none. */
  readonly defaultText: string;
  readonly doc: string;
  /** Only for options without effect. */
  readonly ignoring?: Ignoring;
  /** For options that must not be ignored. */
  readonly opening?: Opening;
  /**
   * Values with which an option without effect is harmless, because the server does that anyway. By default its
   * default.
   */
  readonly actual?: readonly string[];
  /** Never shown in logs or errors. */
  readonly secret?: boolean;
}

export interface OptionSection {
  readonly title: string;
  readonly rows: readonly OptionRow[];
}
