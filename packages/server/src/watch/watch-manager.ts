import {
  type ACL,
  AddWatchMode,
  ErrorCode,
  EventType,
  KeeperState,
  WatcherType,
  Writer,
  writeReplyHeader,
  writeWatcherEvent,
  Xid,
} from '@nodekeeper/protocol';
import { WatchMode, WatchTable } from './watch-table.js';
import type { Watcher } from './watcher.js';

/** Counts the delivered watch events by event type, for the metrics. */
interface WatchMetrics {
  triggered(eventType: number, watchers: number, bytes: number): void;
}

/** Manages the two watch tables. Handles watch requests, and sends events when the tree changes (spec 1.8). */
export class WatchManager {
  readonly data: WatchTable;
  readonly children: WatchTable;
  readonly #frame = new Writer(256);
  readonly #metrics: WatchMetrics | undefined;

  /** @param bytesMax the memory limit for the watches of one watcher, in bytes */
  constructor(bytesMax: number, metrics?: WatchMetrics) {
    this.data = new WatchTable(bytesMax);
    this.children = new WatchTable(bytesMax);
    this.#metrics = metrics;
  }

  get count(): number {
    return this.data.count + this.children.count;
  }

  // ---- changes of the tree

  created(path: string, parent: string, zxid: number, acl: readonly ACL[], parentAcl: readonly ACL[]): void {
    this.#trigger(this.data, path, EventType.nodeCreated, zxid, acl);
    this.#trigger(this.children, parent, EventType.nodeChildrenChanged, zxid, parentAcl);
  }

  deleted(path: string, parent: string, zxid: number, acl: readonly ACL[], parentAcl: readonly ACL[]): void {
    const notified = this.#trigger(this.data, path, EventType.nodeDeleted, zxid, acl);
    this.#trigger(this.children, path, EventType.nodeDeleted, zxid, acl, notified);
    this.#trigger(this.children, parent, EventType.nodeChildrenChanged, zxid, parentAcl);
  }

  changed(path: string, zxid: number, acl: readonly ACL[]): void {
    this.#trigger(this.data, path, EventType.nodeDataChanged, zxid, acl);
  }

  #trigger(
    table: WatchTable,
    path: string,
    eventType: number,
    zxid: number,
    acl: readonly ACL[],
    alreadyNotified?: Set<Watcher>,
  ): Set<Watcher> | undefined {
    const watchers = table.take(path);
    if (watchers === undefined || watchers.size === 0) return watchers;
    const frame = this.#encode(path, eventType, zxid);
    let notified = 0;
    for (const watcher of watchers) {
      if (alreadyNotified?.has(watcher) || !watcher.mayRead(acl)) continue;
      watcher.notify(frame);
      notified++;
    }
    this.#metrics?.triggered(eventType, notified, frame.length);
    return watchers;
  }

  /** Encodes the frame that all watchers receive: length, ReplyHeader(-1, zxid, 0), WatcherEvent. */
  #encode(path: string, eventType: number, zxid: number): Buffer {
    const frame = this.#frame;
    frame.reset();
    frame.int(0);
    writeReplyHeader(frame, { xid: Xid.notification, zxid, err: ErrorCode.OK });
    writeWatcherEvent(frame, { type: eventType, state: KeeperState.syncConnected, path });
    frame.bytes.writeInt32BE(frame.position - 4, 0);
    return frame.view();
  }

  /**
   * Sends a client an event that it missed while it was disconnected. The event has the zxid -1, because the zxid of
   * the change is unknown. ACLs are not checked.
   */
  catchUp(watcher: Watcher, path: string, eventType: number): void {
    watcher.notify(this.#encode(path, eventType, -1));
  }

  // ---- requests

  /** Adds a watch. Returns false if the watcher would exceed its memory limit, and undefined if the mode is unknown. */
  addWatch(path: string, watcher: Watcher, mode: number): boolean | undefined {
    if (mode === AddWatchMode.persistent) return this.addPersistent(path, watcher);
    if (mode !== AddWatchMode.persistentRecursive) return undefined;
    return this.data.add(path, watcher, WatchMode.persistentRecursive);
  }

  addPersistent(path: string, watcher: Watcher): boolean {
    if (!this.data.add(path, watcher, WatchMode.persistent)) return false;
    if (this.children.add(path, watcher, WatchMode.persistent)) return true;
    this.data.remove(path, watcher, WatchMode.persistent);
    return false;
  }

  /** True if the watcher has a watch of this type at the path; undefined if the type is unknown. */
  has(path: string, watcher: Watcher, type: number): boolean | undefined {
    switch (type) {
      case WatcherType.children:
        return this.children.has(path, watcher, WatchMode.standard);
      case WatcherType.data:
        return this.data.has(path, watcher, WatchMode.standard);
      case WatcherType.persistent:
        return this.data.has(path, watcher, WatchMode.persistent);
      case WatcherType.persistentRecursive:
        return this.data.has(path, watcher, WatchMode.persistentRecursive);
      case WatcherType.any:
        return this.data.has(path, watcher) || this.children.has(path, watcher);
      default:
        return undefined;
    }
  }

  remove(path: string, watcher: Watcher, type: number): boolean | undefined {
    switch (type) {
      case WatcherType.children:
        return this.children.remove(path, watcher, WatchMode.standard);
      case WatcherType.data:
        return this.data.remove(path, watcher, WatchMode.standard);
      case WatcherType.persistent:
        return this.#removeBoth(path, watcher, WatchMode.persistent);
      case WatcherType.persistentRecursive:
        return this.data.remove(path, watcher, WatchMode.persistentRecursive);
      case WatcherType.any:
        return this.#removeBoth(path, watcher);
      default:
        return undefined;
    }
  }

  #removeBoth(path: string, watcher: Watcher, mode?: number): boolean {
    const inData = this.data.remove(path, watcher, mode);
    const inChildren = this.children.remove(path, watcher, mode);
    return inData || inChildren;
  }

  /** Removes all watches of a disconnected client, step by step. The client receives no further events. */
  *removal(watcher: Watcher): Generator<number, void, undefined> {
    yield* this.data.removal(watcher);
    yield* this.children.removal(watcher);
  }
}
