import type { Stat } from '@nodekeeper/protocol';
import type { Codec } from './codec.js';
import type { RequestOptions } from './requests.js';
import type { WatchCallback } from './watch/watch-event.js';

/** Options of reads. */
export interface ReadOptions extends RequestOptions {
  /** Sets a one-shot watch: it is called once, with the next change. */
  readonly watch?: WatchCallback;
}

/** A change of the ensemble: of some members (`joining`, `leaving`), or of all of them (`members`). */
export interface ConfigChange {
  /** `server.N=...` entries, separated by commas. */
  readonly joining?: string;
  /** Numbers of servers, separated by commas. */
  readonly leaving?: string;
  /** The complete new list of `server.N=...` entries, separated by commas. It excludes `joining` and `leaving`. */
  readonly members?: string;
  /** Change only a configuration of this version; default: any version. */
  readonly fromConfig?: bigint;
}

/** The ensemble's configuration, and the Stat of the node that holds it. */
export interface Config {
  /** Lines `key=value`; the last line is `version=...`. */
  readonly config: string;
  readonly stat: Stat;
}

/** Options of `close`. */
export interface CloseOptions {
  /**
   * How long to wait for a server that does not answer, in milliseconds. 0, the default: until the connection times
   * out.
   */
  readonly timeoutMs?: number;
  /**
   * Leave the session and its ephemeral nodes on the server. Another client can take it over with the option `session`.
   */
  readonly keepSession?: boolean;
}

/** Options of conditional writes. */
export interface VersionOptions {
  /** Write only if the node has this version; default -1: any version. */
  readonly version?: number;
}

/**
 * For calls that read or write a value instead of bytes. `Value` is the type that is read, `Input` the type that is
 * written.
 */
export interface WithCodec<Value, Input = never> {
  readonly codec: Codec<Value, Input>;
}
