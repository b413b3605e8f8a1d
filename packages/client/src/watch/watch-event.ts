import { EventType } from '@nodekeeper/protocol';
import type { WatchRequest } from '../core/request.js';
import type { WatchKind } from '../core/watch-registry.js';

/**
 * What happened to a node. The first four come from the server; three say that a watch was removed by this client.
 *
 * `PossiblyMissed` comes after the connection was lost, if before the next server had the watch something was written,
 * somewhere, that the watch was not told of: to persistent and recursive watches, and to one-shot ones that wait for a
 * node that is not there (it may have come and gone). Read again what matters. Other one-shot watches miss nothing.
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

/** What a watch is told. It does not carry data: read what is needed. */
export interface WatchEvent {
  readonly type: WatchEventType;
  /** The node, as the client names it (without chroot). Of `PossiblyMissed`: the path that is watched. */
  readonly path: string;
  /** Of the change; -1 when the server does not tell (before 3.9, and for what happened while disconnected). */
  readonly zxid: number;
}

/** Called for each event. What it throws is an uncaught exception of the process; the client goes on. */
export type WatchCallback = (event: WatchEvent) => void;

/** What a read leaves behind, if it was given a callback. */
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

/** A user's code must not stop the client in the middle of its own: what it throws is thrown again by itself. */
export function callSafely<Argument>(callback: (argument: Argument) => void, argument: Argument): void {
  try {
    callback(argument);
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
