import type { Logger } from '../log/logger.js';
import { type Disk, DiskError } from '../ports/disk.js';
import { logDirectory, snapshotDirectory } from './data-directory.js';
import { logFiles, logsSince, type SnapshotFile, snapshotFiles } from './file-format.js';

export interface DataDirectories {
  dataDir: string;
  dataLogDir: string;
}

/** The minimum number of snapshots to keep. ZooKeeper accepts no lower value of `autopurge.snapRetainCount`. */
export const snapshotsRetainedMin = 3;

/**
 * Lists the files to remove so that the newest whole snapshots remain, with the logs that they need. At least
 * `retainCount` snapshots remain, and never fewer than three. If there are not enough whole snapshots, the list is
 * empty.
 *
 * The list has the order of removal: first the snapshots, then the logs, oldest first. If the purge is interrupted,
 * every remaining snapshot still has its logs, because the logs are removed last.
 */
export function filesToPurge(disk: Disk, directories: DataDirectories, retainCount: number): string[] {
  const wanted = Math.max(retainCount, snapshotsRetainedMin);
  const directory = snapshotDirectory(directories.dataDir);
  const snapshots = snapshotFiles(directory, disk.list(directory));
  const kept: SnapshotFile[] = [];
  for (const file of snapshots) {
    if (kept.length === wanted) break;
    if (looksWhole(disk, file)) kept.push(file);
  }
  const oldest = kept.at(-1);
  if (oldest === undefined || kept.length < wanted) return [];

  const oldestZxid = oldest.zxid;
  const logsIn = logDirectory(directories.dataLogDir);
  const logs = logFiles(logsIn, disk.list(logsIn));
  const logsKept = logsSince(logs, oldestZxid).length;
  const oldSnapshots = snapshots.filter((file) => file.zxid < oldestZxid).reverse();
  return [...oldSnapshots, ...logs.slice(0, logs.length - logsKept)].map((file) => file.path);
}

/** Removes the files of `filesToPurge` synchronously and returns their paths. */
export function purge(disk: Disk, directories: DataDirectories, retainCount: number, logger?: Logger): string[] {
  const paths = filesToPurge(disk, directories, retainCount);
  for (const path of paths) {
    logger?.info(`Removing ${path}`);
    disk.remove(path);
  }
  return paths;
}

/**
 * Removes the files of `filesToPurge` one after another while the server answers requests. Stops at the first file that
 * cannot be removed.
 */
export function purgeAsync(
  disk: Disk,
  directories: DataDirectories,
  retainCount: number,
  logger: Logger,
  done: (error: DiskError | undefined, removed: string[]) => void,
): void {
  const paths = filesToPurge(disk, directories, retainCount);
  const removed: string[] = [];
  const next = (error: DiskError | undefined): void => {
    const path = paths[removed.length];
    if (error !== undefined || path === undefined) {
      done(error, removed);
      return;
    }
    logger.info(`Removing ${path}`);
    disk.removeAsync(path, (removeError) => {
      if (removeError === undefined) removed.push(path);
      next(removeError);
    });
  };
  next(undefined);
}

/**
 * ZooKeeper's quick check of a snapshot file (spec 3.3.5). An uncompressed file must end with the text `/`, because a
 * seal ends with this text. A compressed file must begin with the magic number of its compression format.
 */
export function looksWhole(disk: Disk, snapshot: SnapshotFile): boolean {
  try {
    const file = disk.open(snapshot.path, 'read');
    try {
      const size = file.size();
      if (size < 10) return false;
      const bytes = Buffer.alloc(8);
      if (snapshot.compression === '') {
        return file.read(bytes, 0, 5, size - 5) === 5 && bytes.readInt32BE(0) === 1 && bytes[4] === 0x2f;
      }
      const magic = magics[snapshot.compression];
      return file.read(bytes, 0, magic.length, 0) === magic.length && bytes.subarray(0, magic.length).equals(magic);
    } finally {
      file.close();
    }
  } catch (error) {
    if (error instanceof DiskError) return false;
    throw error;
  }
}

const magics = {
  gz: Uint8Array.of(0x1f, 0x8b),
  snappy: Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0),
};
