import { AddWatchMode, ErrorCode, EventType, type SetWatches2, WatcherType } from '@nodekeeper/protocol';
import type { Tree, Trigger, Txn } from './tree.js';

const kinds = ['data', 'child', 'persistent', 'recursive'] as const;
type Kind = (typeof kinds)[number];

/** The watches of one connection, which behave as in a server (spec 1.8). */
export class ServerWatches {
  readonly #paths: Record<Kind, Set<string>> = {
    data: new Set(),
    child: new Set(),
    persistent: new Set(),
    recursive: new Set(),
  };

  constructor(private readonly notify: (trigger: Trigger, zxid: number) => void) {}

  add(kind: Kind, path: string): void {
    this.#paths[kind].add(path);
  }

  addByMode(mode: number, path: string): void {
    this.add(mode === AddWatchMode.persistentRecursive ? 'recursive' : 'persistent', path);
  }

  applied(txn: Txn): void {
    for (const trigger of txn.triggers) if (this.#hits(trigger)) this.notify(trigger, txn.zxid);
  }

  #hits({ type, path }: Trigger): boolean {
    const { data, child, persistent, recursive } = this.#paths;
    let isHit = persistent.has(path);
    if (type !== EventType.nodeChildrenChanged) {
      if (data.delete(path)) isHit = true;
      for (const each of recursive) isHit ||= each === '/' || path === each || path.startsWith(`${each}/`);
    }
    if (type === EventType.nodeChildrenChanged || type === EventType.nodeDeleted) {
      if (child.delete(path)) isHit = true;
    }
    return isHit;
  }

  /**
   * Registers the watches that a client brings from another server. The client has last seen the zxid `relativeZxid`.
   */
  reset(request: SetWatches2, tree: Tree): void {
    const { relativeZxid } = request;
    const paths = (list: (string | null)[] | null) => (list ?? []) as string[];
    for (const path of paths(request.dataWatches)) {
      const node = tree.nodes.get(path);
      if (node === undefined) this.notify({ type: EventType.nodeDeleted, path }, -1);
      else if (node.mzxid > relativeZxid) this.notify({ type: EventType.nodeDataChanged, path }, -1);
      else this.add('data', path);
    }
    for (const path of paths(request.existWatches)) {
      if (tree.nodes.has(path)) this.notify({ type: EventType.nodeCreated, path }, -1);
      else this.add('data', path);
    }
    for (const path of paths(request.childWatches)) {
      const node = tree.nodes.get(path);
      if (node === undefined) this.notify({ type: EventType.nodeDeleted, path }, -1);
      else if (node.pzxid > relativeZxid) this.notify({ type: EventType.nodeChildrenChanged, path }, -1);
      else this.add('child', path);
    }
    for (const path of paths(request.persistentWatches)) this.add('persistent', path);
    for (const path of paths(request.persistentRecursiveWatches)) this.add('recursive', path);
  }

  remove(type: number, path: string): number {
    const wanted: Record<number, readonly Kind[]> = {
      [WatcherType.children]: ['child'],
      [WatcherType.data]: ['data'],
      [WatcherType.any]: kinds,
      [WatcherType.persistent]: ['persistent'],
      [WatcherType.persistentRecursive]: ['recursive'],
    };
    const removed = wanted[type]!.filter((kind) => this.#paths[kind].delete(path));
    return removed.length > 0 ? 0 : ErrorCode.NOWATCHER;
  }
}
