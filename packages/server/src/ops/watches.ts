import {
  AddWatchMode,
  ErrorCode,
  EventType,
  type Reader,
  readAddWatchRequest,
  readCheckWatchesRequest,
  readRemoveWatchesRequest,
  readSetWatches,
  readSetWatches2,
  type SetWatches2,
  type Writer,
} from '@nodekeeper/protocol';
import { noNode, StatOffset } from '../tree/node-table.js';
import { WatchMode } from '../watch/watch-table.js';
import type { Client, ReadState } from './read-state.js';

export function addWatch(state: ReadState, client: Client, reader: Reader, out: Writer): number {
  const { path, mode } = readAddWatchRequest(reader);
  // Like ZooKeeper, accept a watch on a null path. The watch is not stored, because no event triggers it.
  const isDone = path === null ? isWatchMode(mode) || undefined : state.watches.addWatch(path, client, mode);
  if (isDone === undefined) return ErrorCode.MARSHALLINGERROR;
  if (!isDone) return ErrorCode.QUOTAEXCEEDED;
  out.int(ErrorCode.OK);
  return ErrorCode.OK;
}

function isWatchMode(mode: number): boolean {
  return mode === AddWatchMode.persistent || mode === AddWatchMode.persistentRecursive;
}

export function checkWatches(state: ReadState, client: Client, reader: Reader): number {
  const { path, type } = readCheckWatchesRequest(reader);
  return watchResult(state.watches.has(path ?? '', client, type));
}

export function removeWatches(state: ReadState, client: Client, reader: Reader): number {
  const { path, type } = readRemoveWatchesRequest(reader);
  return watchResult(state.watches.remove(path ?? '', client, type));
}

function watchResult(present: boolean | undefined): number {
  if (present === undefined) return ErrorCode.MARSHALLINGERROR;
  return present ? ErrorCode.OK : ErrorCode.NOWATCHER;
}

type Steps = Generator<number, number, undefined>;

export function* setWatches(state: ReadState, client: Client, reader: Reader): Steps {
  return yield* catchUp(state, client, {
    ...readSetWatches(reader),
    persistentWatches: [],
    persistentRecursiveWatches: [],
  });
}

export function* setWatches2(state: ReadState, client: Client, reader: Reader): Steps {
  return yield* catchUp(state, client, readSetWatches2(reader));
}

/**
 * Handles the watches of a client that has reconnected. For each path, registers the watch again, or sends the event
 * that the client missed (spec 1.8). Each path is one step.
 */
function* catchUp(state: ReadState, client: Client, request: SetWatches2): Steps {
  const { tree, watches } = state;
  const { relativeZxid } = request;
  const lists = Object.values(request).filter((value) => typeof value !== 'number');
  if (lists.some((list) => list === null || list.includes(null))) return ErrorCode.MARSHALLINGERROR;
  const { standard, persistentRecursive } = WatchMode;
  /**
   * Sends an event that the client missed. Returns true, because a function in `rows` returns false only if a new watch
   * would exceed the client's memory limit.
   */
  const sendMissed = (path: string, eventType: number) => {
    watches.catchUp(client, path, eventType);
    return true;
  };
  const rows: [paths: (string | null)[] | null, register: (path: string) => boolean][] = [
    [
      request.dataWatches,
      (path) => {
        const node = tree.findPath(path);
        if (node === noNode) return sendMissed(path, EventType.nodeDeleted);
        if (tree.nodes.long(node, StatOffset.mzxid) > relativeZxid) return sendMissed(path, EventType.nodeDataChanged);
        return watches.data.add(path, client, standard);
      },
    ],
    [
      request.existWatches,
      (path) => {
        if (tree.findPath(path) !== noNode) return sendMissed(path, EventType.nodeCreated);
        return watches.data.add(path, client, standard);
      },
    ],
    [
      request.childWatches,
      (path) => {
        const node = tree.findPath(path);
        if (node === noNode) return sendMissed(path, EventType.nodeDeleted);
        if (tree.nodes.long(node, StatOffset.pzxid) > relativeZxid)
          return sendMissed(path, EventType.nodeChildrenChanged);
        return watches.children.add(path, client, standard);
      },
    ],
    [request.persistentWatches, (path) => watches.addPersistent(path, client)],
    [request.persistentRecursiveWatches, (path) => watches.data.add(path, client, persistentRecursive)],
  ];
  for (const [paths, register] of rows) {
    for (const path of paths as string[]) {
      if (!register(path)) return ErrorCode.QUOTAEXCEEDED;
      yield 1;
    }
  }
  return ErrorCode.OK;
}
