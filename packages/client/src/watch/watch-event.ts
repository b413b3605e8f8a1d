import { EventType } from '@nodekeeper/protocol';
import type { WatchRequest } from '../core/request.js';
import type { WatchKind } from '../core/watch-registry.js';

/**
 * The type of an event. The server sends the types that start with `Node`. The types that end with `Removed` mean that
 * this client removed the watch.
 *
 * `PossiblyMissed` comes after a reconnection if any client wrote anything while the watch was not registered.
 * Persistent and recursive watches get it. One-shot watches for a node that does not exist get it too, because the node
 * may have been created and deleted. Other one-shot watches miss nothing. After `PossiblyMissed`, read the watched
 * nodes again.
 */
export type WatchEventType =
  | 'NodeCreated'
  | 'NodeDeleted'
  | 'NodeDataChanged'
  | 'NodeChildrenChanged'
  | 'DataWatchRemoved'
  | 'ChildWatchRemoved'
  | 'PersistentWatchRemoved'
  | 'PossiblyMissed';

/** The event that a watch gets. It does not contain the data or the children of the node: read what you need. */
export interface WatchEvent {
  readonly type: WatchEventType;
  /**
   * The path of the changed node, without the chroot. For `PossiblyMissed` and the types that end with `Removed`, the
   * watched path.
   */
  readonly path: string;
  /**
   * The zxid of the change, or -1 if the server does not send it. Servers older than ZooKeeper 3.9 never send it. No
   * server sends it for a change during a disconnection.
   */
  readonly zxid: number;
}

/**
 * Called for each event of a watch. An exception of the callback becomes an uncaught exception of the process; the
 * client itself continues.
 */
export type WatchCallback = (event: WatchEvent) => void;

/** Returns the watch that a read sets, or undefined for a read without a callback. */
export function watchOf(kind: WatchKind, watcher: WatchCallback | undefined): WatchRequest<WatchCallback> | undefined {
  return watcher && { kind, watcher };
}

const names = new Map<number, WatchEventType>([
  [EventType.nodeCreated, 'NodeCreated'],
  [EventType.nodeDeleted, 'NodeDeleted'],
  [EventType.nodeDataChanged, 'NodeDataChanged'],
  [EventType.nodeChildrenChanged, 'NodeChildrenChanged'],
]);

export function eventTypeName(type: number): WatchEventType | undefined {
  return names.get(type);
}

export const removedEvents: Readonly<Record<WatchKind, WatchEventType>> = {
  data: 'DataWatchRemoved',
  exists: 'DataWatchRemoved',
  children: 'ChildWatchRemoved',
  persistent: 'PersistentWatchRemoved',
  recursive: 'PersistentWatchRemoved',
};

/**
 * Calls a callback of the application. An exception of the callback must not interrupt the client, so it is thrown
 * again from `process.nextTick`.
 */
export function callSafely<Argument>(callback: (argument: Argument) => void, argument: Argument): void {
  try {
    callback(argument);
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
