import type { ZooKeeper } from '@nodekeeper/client';
import { type ClientsPathOptions, clientsPathChecks, clientsPathOf } from '../foundation/clients-path.js';
import { callerOf } from '../foundation/recipe-options.js';
import { decodeNumber, encodeNumber, int32 } from './number-format.js';
import { Shared } from './shared.js';

/**
 * An integer of 32 bits in a node that every client sees: Curator's `SharedCount`, and kazoo's `Counter` with
 * `support_curator`.
 */
export class SharedCount extends Shared<number> {
  /**
   * @param path the node; `start` creates it if it does not exist
   * @param initial the count if the node does not exist
   */
  constructor(zk: ZooKeeper, path: string, initial = 0, options: ClientsPathOptions = {}) {
    const caller = callerOf(zk, 'SharedCount', path, options, clientsPathChecks);
    super(caller, clientsPathOf(caller, options), initial, {
      decode: (data) => decodeNumber(int32, data, caller),
      encode: (value) => encodeNumber(int32, value, caller),
    });
  }
}
