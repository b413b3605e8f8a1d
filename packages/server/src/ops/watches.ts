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
  // Apache leaves a watch on null, which nothing ever triggers.
  const isDone = path === null ? isWatchMode(mode) : state.watches.addWatch(path, client, mode);
  if (!isDone) return ErrorCode.MARSHALLINGERROR;
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

/** Registers a client's watches again after a reconnect, or tells at once what it has missed (inventory 1.8). */
function* catchUp(state: ReadState, client: Client, request: SetWatches2): Steps {
  const { tree, watches } = state;
  const { relativeZxid } = request;
  const lists = Object.values(request).filter((value) => typeof value !== 'number');
  if (lists.some((list) => list === null || list.includes(null))) return ErrorCode.MARSHALLINGERROR;

  for (const path of request.dataWatches as string[]) {
    const node = tree.findPath(path);
    if (node === noNode) watches.catchUp(client, path, EventType.nodeDeleted);
    else if (tree.nodes.long(node, StatOffset.mzxid) > relativeZxid) {
      watches.catchUp(client, path, EventType.nodeDataChanged);
    } else watches.data.add(path, client, WatchMode.standard);
    yield 1;
  }
  for (const path of request.existWatches as string[]) {
    if (tree.findPath(path) !== noNode) watches.catchUp(client, path, EventType.nodeCreated);
    else watches.data.add(path, client, WatchMode.standard);
    yield 1;
  }
  for (const path of request.childWatches as string[]) {
    const node = tree.findPath(path);
    if (node === noNode) watches.catchUp(client, path, EventType.nodeDeleted);
    else if (tree.nodes.long(node, StatOffset.pzxid) > relativeZxid) {
      watches.catchUp(client, path, EventType.nodeChildrenChanged);
    } else watches.children.add(path, client, WatchMode.standard);
    yield 1;
  }
  for (const path of request.persistentWatches as string[]) {
    watches.data.add(path, client, WatchMode.persistent);
    watches.children.add(path, client, WatchMode.persistent);
    yield 1;
  }
  for (const path of request.persistentRecursiveWatches as string[]) {
    watches.data.add(path, client, WatchMode.persistentRecursive);
    yield 1;
  }
  return ErrorCode.OK;
}
