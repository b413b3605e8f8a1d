import type { Stat } from '@nodekeeper/protocol';
import type { Codec } from './codec.js';
import type { RequestOptions } from './requests.js';
import type { WatchCallback } from './watch-event.js';

/** A read that can leave a one-shot watch behind: called once, with the next change. */
export interface ReadOptions extends RequestOptions {
  readonly watch?: WatchCallback;
}

/** What a change of the ensemble may say (inventory 4.9); `server.N=...` lines joined by commas. */
export interface ConfigChange {
  readonly joining?: string;
  /** Ids, joined by commas. */
  readonly leaving?: string;
  /** The whole new list, instead of the two above. */
  readonly members?: string;
  /** Only if the configuration in force is this one. */
  readonly fromConfig?: bigint;
}

/** The ensemble's configuration, and the Stat of the node that holds it. */
export interface Config {
  readonly config: string;
  readonly stat: Stat;
}

export interface VersionOptions {
  /** Only if the node has this version; default -1: any. */
  readonly version?: number;
}

export interface WithCodec<Value> {
  readonly codec: Codec<Value>;
}
