import type { SetWatches2 } from '@nodekeeper/protocol';
import { type Operation, operations } from './operation.js';
import type { WatchKind, WatchRegistry } from './watch-registry.js';

/** A server could refuse a larger frame, and would do so at each reconnect (L-3, ZOOKEEPER-706). */
const batchBytesMax = 128 * 1024;
/** Request header, relativeZxid and five counts. */
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
 * Builds the requests that register every watch on a new connection, each in a frame below 128 KiB. Servers before 3.6
 * do not know `setWatches2`, so the client uses it only for persistent watches.
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
