import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { nodeDisk, readSnapshot, type SnapshotCompression, SnapshotDamaged } from '@nodekeeper/server/testing';

/** What a data directory holds. */
export function filesIn(directory: string): { logs: number; snapshots: number; names: string } {
  const names = readdirSync(join(directory, 'version-2')).toSorted();
  const count = (prefix: string) => names.filter((name) => name.startsWith(prefix)).length;
  return { logs: count('log.'), snapshots: count('snapshot.'), names: names.join(' ') };
}

/**
 * The zxid after which a server that starts on the directory has digests to show: that of the newest whole snapshot's
 * own digest. It is later than the one in the file's name when writes went on while the snapshot was written, and the
 * tree is then nobody's until replay has come as far (inventory 3.6.8). -1 without a snapshot.
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

/** Undefined when the file is not a whole snapshot: its writer was killed over it. */
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
