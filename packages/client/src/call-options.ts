import type { Stat } from '@nodekeeper/protocol';
import type { Codec } from './codec.js';
import type { RequestOptions } from './requests.js';
import type { WatchCallback } from './watch/watch-event.js';

/** What reads can be given. */
export interface ReadOptions extends RequestOptions {
  /** Leaves a one-shot watch: called once, with the next change. */
  readonly watch?: WatchCallback;
}

/** A change of the ensemble: of some members (`joining`, `leaving`), or of all (`members`). */
export interface ConfigChange {
  /** `server.N=...` entries, joined by commas. */
  readonly joining?: string;
  /** Numbers of servers, joined by commas. */
  readonly leaving?: string;
  /** The whole new list, instead of the two above: `server.N=...` entries, joined by commas. */
  readonly members?: string;
  /** Only if the configuration in force has this version; default: any. */
  readonly fromConfig?: bigint;
}

/** The ensemble's configuration, and the Stat of the node that holds it. */
export interface Config {
  /** Lines `key=value`, the last one `version=...`. */
  readonly config: string;
  readonly stat: Stat;
}

/** What conditional writes can be given. */
export interface CloseOptions {
  /** How long to wait for a server that does not answer any more; 0, the default: until the connection is given up. */
  readonly timeoutMs?: number;
  /** Leave the session on the server, with its ephemeral nodes, for another client to take over with the `session` option. */
  readonly keepSession?: boolean;
}

export interface VersionOptions {
  /** Only if the node has this version; default -1: any. */
  readonly version?: number;
}

/** For calls that read or write a value and not bytes: `Value` is what is read, `Input` what is written. */
export interface WithCodec<Value, Input = never> {
  readonly codec: Codec<Value, Input>;
}
