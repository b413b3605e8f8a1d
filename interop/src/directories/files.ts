import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { nodeDisk, readSnapshot, type SnapshotCompression, SnapshotDamaged } from '@nodekeeper/server/testing';

/** The names and numbers of the log and snapshot files in a data directory. */
export function filesIn(directory: string): { logs: number; snapshots: number; names: string } {
  const names = readdirSync(join(directory, 'version-2')).toSorted();
  const count = (prefix: string) => names.filter((name) => name.startsWith(prefix)).length;
  return { logs: count('log.'), snapshots: count('snapshot.'), names: names.join(' ') };
}

/**
 * The zxid from which the digests of a server are right that starts from the newest complete snapshot; -1 without a
 * snapshot. The snapshot may contain some of the transactions that were applied while it was being written. So the
 * digests are wrong until the server has replayed the log up to this zxid (spec 3.6.8).
 */
export function digestsStartAfter(directory: string): number {
  const names = readdirSync(join(directory, 'version-2')).filter((name) => name.startsWith('snapshot.'));
  for (const name of names.toSorted((a, b) => zxidOf(b) - zxidOf(a))) {
    const digestZxid = digestZxidOf(join(directory, 'version-2', name));
    if (digestZxid !== undefined) return Math.max(digestZxid, zxidOf(name));
  }
  return -1;
}

function zxidOf(name: string): number {
  return Number.parseInt(name.split('.')[1]!, 16);
}

/**
 * The zxid of the digest in the snapshot, or -1 if the snapshot has no digest. Undefined if the snapshot is incomplete
 * because the server was killed while it wrote the snapshot.
 */
function digestZxidOf(path: string): number | undefined {
  const [, , suffix = ''] = path.slice(path.lastIndexOf('/') + 1).split('.');
  let digestZxid = -1;
  const sink = { session() {}, acl() {}, node() {}, digest: (zxid: number) => void (digestZxid = zxid) };
  try {
    readSnapshot(nodeDisk, path, suffix as SnapshotCompression, sink);
  } catch (error) {
    if (error instanceof SnapshotDamaged) return undefined;
    throw error;
  }
  return digestZxid;
}
