import type { SetWatches2 } from '@nodekeeper/protocol';
import { type Operation, operations } from './operation.js';
import type { WatchKind, WatchRegistry } from './watch-registry.js';

/**
 * The limit of one request that registers watches, in bytes. A server could refuse a larger frame, and would refuse it
 * again at each reconnection (L-3, ZOOKEEPER-706).
 */
const batchBytesMax = 128 * 1024;
/** The bytes of a request without any paths: the request header, relativeZxid, and the counts of the five lists. */
const overheadBytes = 4 + 8 + 8 + 5 * 4;

export interface WatchBatch {
  readonly operation: Operation;
  readonly body: SetWatches2;
}

const listOf = {
  data: 'dataWatches',
  exists: 'existWatches',
  children: 'childWatches',
  persistent: 'persistentWatches',
  recursive: 'persistentRecursiveWatches',
} as const satisfies Record<WatchKind, keyof SetWatches2>;

const kinds = Object.keys(listOf) as WatchKind[];

/**
 * Builds the requests that register all watches of a session on a new connection. Each request fits into a frame below
 * 128 KiB. Servers older than ZooKeeper 3.6 do not know `setWatches2`, so only batches with persistent or recursive
 * watches use it.
 */
export function watchBatches(registry: WatchRegistry<unknown>, relativeZxid: number): WatchBatch[] {
  const batches: WatchBatch[] = [];
  let body = emptyBody(relativeZxid);
  let size = overheadBytes;
  const close = () => {
    if (size > overheadBytes) batches.push({ operation: operationFor(body), body });
    body = emptyBody(relativeZxid);
    size = overheadBytes;
  };
  for (const kind of kinds) {
    for (const path of registry.paths(kind)) {
      const bytes = 4 + Buffer.byteLength(path);
      if (size + bytes >= batchBytesMax) close();
      body[listOf[kind]]!.push(path);
      size += bytes;
    }
  }
  close();
  return batches;
}

function operationFor(body: SetWatches2): Operation {
  const persistent = body.persistentWatches!.length + body.persistentRecursiveWatches!.length;
  return persistent > 0 ? operations.setWatches2 : operations.setWatches;
}

function emptyBody(relativeZxid: number): SetWatches2 {
  return {
    relativeZxid,
    dataWatches: [],
    existWatches: [],
    childWatches: [],
    persistentWatches: [],
    persistentRecursiveWatches: [],
  };
}
