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

export function setWatches(state: ReadState, client: Client, reader: Reader): number {
  return catchUp(state, client, { ...readSetWatches(reader), persistentWatches: [], persistentRecursiveWatches: [] });
}

export function setWatches2(state: ReadState, client: Client, reader: Reader): number {
  return catchUp(state, client, readSetWatches2(reader));
}

/** Registers a client's watches again after a reconnect, or tells at once what it has missed (inventory 1.8). */
function catchUp(state: ReadState, client: Client, request: SetWatches2): number {
  const { tree, watches } = state;
  const lists = Object.values(request).filter((value) => typeof value !== 'number');
  if (lists.some((list) => list === null || list.includes(null))) return ErrorCode.MARSHALLINGERROR;
  const each = (list: (string | null)[] | null, visit: (path: string) => void) => (list as string[]).forEach(visit);

  each(request.dataWatches, (path) => {
    const node = tree.findPath(path);
    if (node === noNode) watches.catchUp(client, path, EventType.nodeDeleted);
    else if (tree.nodes.long(node, StatOffset.mzxid) > request.relativeZxid) {
      watches.catchUp(client, path, EventType.nodeDataChanged);
    } else watches.data.add(path, client, WatchMode.standard);
  });
  each(request.existWatches, (path) => {
    if (tree.findPath(path) !== noNode) watches.catchUp(client, path, EventType.nodeCreated);
    else watches.data.add(path, client, WatchMode.standard);
  });
  each(request.childWatches, (path) => {
    const node = tree.findPath(path);
    if (node === noNode) watches.catchUp(client, path, EventType.nodeDeleted);
    else if (tree.nodes.long(node, StatOffset.pzxid) > request.relativeZxid) {
      watches.catchUp(client, path, EventType.nodeChildrenChanged);
    } else watches.children.add(path, client, WatchMode.standard);
  });
  each(request.persistentWatches, (path) => {
    watches.data.add(path, client, WatchMode.persistent);
    watches.children.add(path, client, WatchMode.persistent);
  });
  each(request.persistentRecursiveWatches, (path) => {
    watches.data.add(path, client, WatchMode.persistentRecursive);
  });
  return ErrorCode.OK;
}
