import { EventType } from '@nodekeeper/protocol';
import type { WatchRequest } from '../core/request.js';
import type { WatchKind } from '../core/watch-registry.js';

/**
 * The type of an event. The server sends the first four. Three mean that this client removed the watch.
 *
 * `PossiblyMissed` comes after a reconnection if any client wrote anything while the watch was not registered.
 * Persistent and recursive watches get it. So do one-shot watches for a node that does not exist, because it may have
 * been created and deleted. Other one-shot watches miss nothing. After `PossiblyMissed`, read again what matters.
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

/** The event that a watch gets. It carries no data: read what you need. */
export interface WatchEvent {
  readonly type: WatchEventType;
  /** The path of the node without the chroot. Of `PossiblyMissed`: the watched path. */
  readonly path: string;
  /**
   * The zxid of the change. It is -1 if the server does not send it: before 3.9, and for changes during a
   * disconnection.
   */
  readonly zxid: number;
}

/**
 * Called for each event. An exception of the callback is an uncaught exception of the process. The client continues.
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
 * Runs application code. An exception in it must not interrupt the client, so it is thrown again from
 * `process.nextTick`.
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
