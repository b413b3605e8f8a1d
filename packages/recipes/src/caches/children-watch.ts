import type { Stat, ZooKeeper } from '@nodekeeper/client';
import { type StateListener, StateWatch } from './state-watch.js';

/** The children of a node. */
export interface ChildrenState {
  /** The names, in alphabetical order. */
  readonly children: readonly string[];
  /** The Stat of the parent. */
  readonly stat: Stat;
}

/**
 * Calls a function with the names of the children of a node: at the start, and after each change of the list. The
 * function gets undefined while the node does not exist. It never gets an old list, and not two calls run at the same
 * time. Fast changes may be one call, with the newest list.
 */
export class ChildrenWatch extends StateWatch<ChildrenState> {
  /**
   * @param path the parent; it need not exist
   * @param listener ends the watch if it returns or resolves with false
   */
  constructor(zk: ZooKeeper, path: string, listener: StateListener<ChildrenState>) {
    super(zk, 'ChildrenWatch', path, listener);
  }

  protected override async read(watch: () => void): Promise<ChildrenState> {
    const { children, stat } = await this.caller.zk.children(this.caller.path, { watch });
    return { children: children.sort(), stat };
  }

  protected override equal({ stat: one }: ChildrenState, { stat: other }: ChildrenState): boolean {
    return one.czxid === other.czxid && one.pzxid === other.pzxid;
  }
}
