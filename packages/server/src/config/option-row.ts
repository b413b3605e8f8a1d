import type { ServerConfig } from './server-config.js';

/** How far an option has come. */
export type OptionStatus =
  /** Fills a field of `ServerConfig`. */
  | 'works'
  /** Works in an ensemble; without effect in a standalone server, as in Apache's. */
  | 'ensemble'
  /** Read, named in the warning at start, ignored. */
  | 'later'
  /** Tunes something that exists only in a JVM or in Apache's client; named in the warning, ignored for good. */
  | 'inapplicable';

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
  /** Never shown in logs or errors. */
  readonly secret?: boolean;
}

export interface OptionSection {
  readonly title: string;
  readonly rows: readonly OptionRow[];
}
