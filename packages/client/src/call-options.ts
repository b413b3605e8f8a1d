import type { Stat } from '@nodekeeper/protocol';
import type { Codec } from './codec.js';
import type { RequestOptions } from './requests.js';
import type { WatchCallback } from './watch/watch-event.js';

/** Options of reads. */
export interface ReadOptions extends RequestOptions {
  /** Sets a one-shot watch. The callback is called once, for the next change. */
  readonly watch?: WatchCallback;
}

/**
 * A change to the members of the ensemble. `joining` and `leaving` change some members, `members` replaces all of them.
 */
export interface ConfigChange {
  /** The servers to add or change, as `server.N=...` entries separated by commas. */
  readonly joining?: string;
  /** The numbers of the servers to remove, separated by commas. */
  readonly leaving?: string;
  /**
   * The complete new list of `server.N=...` entries, separated by commas. It cannot be combined with `joining` or
   * `leaving`.
   */
  readonly members?: string;
  /** The version that the current configuration must have; default: any version. */
  readonly fromConfig?: bigint;
}

/** The configuration of the ensemble, and the Stat of the node `/zookeeper/config`, which holds the configuration. */
export interface Config {
  /** Lines of the form `key=value`. The last line is `version=...`. */
  readonly config: string;
  readonly stat: Stat;
}

/** Options of `close`. */
export interface CloseOptions {
  /**
   * How long to wait for a server that does not answer, in milliseconds. With 0, the default, `close` waits until the
   * connection times out.
   */
  readonly timeoutMs?: number;
  /**
   * If true, the session and its ephemeral nodes remain on the server. Another client can take the session over with
   * the option `session`.
   */
  readonly keepSession?: boolean;
}

/** Options of conditional writes. */
export interface VersionOptions {
  /** The version that the node must have for the write to succeed. -1, the default, matches any version. */
  readonly version?: number;
}

/**
 * The option of calls that read or write a value, rather than bytes. `Value` is the type that is read, `Input` the type
 * that is written.
 */
export interface WithCodec<Value, Input = never> {
  readonly codec: Codec<Value, Input>;
}
