import type { Data, ZooKeeper } from '@nodekeeper/client';
import { checkArgument, isData } from '../foundation/checks.js';
import { type ClientsPathOptions, clientsPathChecks, clientsPathOf } from '../foundation/clients-path.js';
import { callerOf } from '../foundation/recipe-options.js';
import { Shared } from './shared.js';

/** Bytes in a node that every client sees: Curator's `SharedValue`. */
export class SharedValue extends Shared<Buffer, Data> {
  /**
   * @param path the node; `start` creates it if it does not exist
   * @param initial the value of the node if it does not exist
   */
  constructor(zk: ZooKeeper, path: string, initial: Data = '', options: ClientsPathOptions = {}) {
    const caller = callerOf(zk, 'SharedValue', path, options, clientsPathChecks);
    checkArgument(caller, 'initial', initial, isData);
    super(caller, clientsPathOf(caller, options), initial, {
      decode: (data) => data,
      encode(value) {
        checkArgument(caller, 'the value', value, isData);
        return Buffer.from(value ?? '');
      },
    });
  }
}
