import type { ServerConfig } from './server-config.js';

/** How far an option has come. */
export type OptionStatus =
  /** Fills a field of `ServerConfig`. */
  | 'works'
  /** Works in an ensemble; without effect in a standalone server, as in Apache's. */
  | 'ensemble'
  /** Read and checked, without effect for now; `ignoring` says what that means. */
  | 'later'
  /** Tunes something that exists only in a JVM or in Apache's client; without effect for good. */
  | 'inapplicable';

/** What becomes of a server that ignores an option. */
export type Ignoring =
  /** It does the same, or the option belongs to something that is not there: named in the log. */
  | 'nothing'
  /** It lacks something that it was told to have: named in a warning. */
  | 'less'
  /** It lets in, sends in the clear or leaves unrecorded what it was told not to: it does not start. */
  | 'opens';

/** Why an option cannot be ignored, and what to do. */
export interface Opening {
  /** What would happen. */
  readonly effect: string;
  readonly advice: string;
  /** Ignoring it opens something only there. */
  readonly only?: 'ensemble';
  /** Nothing is opened when this option is set, too. */
  readonly unlessSet?: keyof ServerConfig;
}

/** A field of the configuration holding values of one type. */
export type FieldOf<Value> = {
  [Field in keyof ServerConfig]: ServerConfig[Field] extends Value ? Field : never;
}[keyof ServerConfig];

/** What a value was read as, or why it can't be. */
export type Parsed = { value: unknown; note?: string } | { error: string };

export interface OptionRow {
  /** The name in zoo.cfg; `*` at the end stands for any further text. */
  readonly key: string;
  /** Parser: a key of zoo.cfg only. Property: also accepted as `zookeeper.<key>`. */
  readonly origin: 'parser' | 'property';
  readonly status: OptionStatus;
  readonly field?: keyof ServerConfig;
  /** How the value is written: `integer`, `true | false`, ... */
  readonly form: string;
  readonly parse: (text: string) => Parsed;
  /** As it would be written in zoo.cfg; empty when there is none. */
  readonly defaultText: string;
  readonly doc: string;
  /** Only of options without effect. */
  readonly ignoring?: Ignoring;
  /** Of options that open something when they are ignored. */
  readonly opening?: Opening;
  /** What an option without effect may say because it is so anyway; its default unless given. */
  readonly actual?: readonly string[];
  /** Never shown in logs or errors. */
  readonly secret?: boolean;
}

export interface OptionSection {
  readonly title: string;
  readonly rows: readonly OptionRow[];
}
