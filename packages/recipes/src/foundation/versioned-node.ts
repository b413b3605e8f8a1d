import { type Data, type WatchCallback, ZooKeeperError } from '@nodekeeper/client';
import type { Call, Caller } from './call.js';
import { childOf, ensureContainer, parentOf } from './parents.js';
import { writeOnce } from './write-once.js';

/** The content of a node at one moment. */
export interface Content {
  /** The data; empty if the node has none. */
  readonly data: Buffer;
  readonly version: number;
  /** The zxid of the last change of the data. */
  readonly mzxid: number;
}

const conflicts = ['BADVERSION', 'NODEEXISTS', 'NONODE'];

/** A node whose data several clients replace by compare-and-set. */
export class VersionedNode {
  constructor(
    readonly caller: Caller,
    readonly clientsPath: string,
  ) {}

  /** Returns undefined if the node does not exist; `watch` is not set then. */
  async read(call: Call, watch?: WatchCallback): Promise<Content | undefined> {
    const { zk, path } = this.caller;
    try {
      const options = { ...call.limits, ...(watch && { watch }) };
      const { data, stat } = await call.retry(() => zk.get(path, options));
      return { data: data ?? Buffer.alloc(0), version: stat.version, mzxid: stat.mzxid };
    } catch (error) {
      if (ZooKeeperError.is(error, 'NONODE')) return undefined;
      throw error;
    }
  }

  /**
   * Replaces the content that the caller has read. Creates the node if `expected` is undefined. Returns false, and
   * changes nothing, if the content is not the expected one any more.
   */
  async replace(call: Call, expected: Content | undefined, data: Data): Promise<boolean> {
    if (expected === undefined) await this.#ensureParent(call);
    return this.#write(call, expected, data);
  }

  /** Writes the data without a comparison. Creates the node if it does not exist. */
  async overwrite(call: Call, data: Data): Promise<void> {
    const { path } = this.caller;
    for (;;) {
      try {
        return await writeOnce(call, this.clientsPath, { steps: (transaction) => transaction.set(path, data), doubt });
      } catch (error) {
        if (!ZooKeeperError.is(error, 'NONODE')) throw error;
      }
      if (await this.replace(call, undefined, data)) return;
    }
  }

  /** Creates the missing nodes above the node. */
  async #ensureParent(call: Call): Promise<void> {
    const parent = parentOf(this.caller.path);
    if (parent !== '/') await ensureContainer(call, parent);
  }

  async #write(call: Call, expected: Content | undefined, data: Data): Promise<boolean> {
    const { path, acl } = this.caller;
    try {
      await writeOnce(call, this.clientsPath, {
        doubt,
        steps: (transaction) => {
          if (expected === undefined) return transaction.create(path, data, acl && { acl });
          const { version, mzxid } = expected;
          if (version !== -1) return transaction.set(path, data, { version });
          // The version has wrapped to -1, with which the server compares nothing. The name of this node has the zxid of
          // the expected content, so only one client can replace it. The node stays: a late client must find it.
          return transaction.create(childOf(this.clientsPath, `replaced-${mzxid}`), '', acl && { acl }).set(path, data);
        },
      });
      return true;
    } catch (error) {
      if (ZooKeeperError.is(error) && conflicts.includes(error.code)) return false;
      throw error;
    }
  }
}

const doubt = 'the value may have been changed';
