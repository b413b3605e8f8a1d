import { type Disk, DiskError, type DiskLock } from '../ports/disk.js';
import { logDirectory, snapshotDirectory } from './data-directory.js';
import { logFiles, snapshotFiles } from './file-format.js';

const lockName = '.nodekeeper.lock';

/**
 * Thrown if a data directory cannot be used. The message names the directory and the remedy. The process then exits
 * with code 3, as ZooKeeper does.
 */
export class DirectoryError extends Error {
  override readonly name = 'DirectoryError';
  readonly exitCode = 3;
}

/** Checks dataDir and dataLogDir, creates them if allowed, and locks both against a second server (spec 3.1). */
export function openDirectories(
  disk: Disk,
  config: { dataDir: string; dataLogDir: string; datadirAutocreate: boolean },
): DiskLock {
  const snapshots = snapshotDirectory(config.dataDir);
  const logs = logDirectory(config.dataLogDir);
  for (const directory of new Set([snapshots, logs])) ready(disk, directory, config.datadirAutocreate);
  if (logs !== snapshots) {
    refuseStray(snapshotFiles(logs, disk.list(logs)), `${logs} is for logs (dataLogDir)`, 'snapshot');
    refuseStray(logFiles(snapshots, disk.list(snapshots)), `${snapshots} is for snapshots (dataDir)`, 'log');
  }
  const locks: DiskLock[] = [];
  for (const directory of new Set([config.dataDir, config.dataLogDir])) {
    const lock = disk.lock(`${directory}/${lockName}`);
    if (lock === undefined) {
      for (const held of locks) held.release();
      throw new DirectoryError(
        `${directory} is in use by another running server (${lockName} holds its pid). Give this server its own dataDir`,
      );
    }
    locks.push(lock);
  }
  return {
    release() {
      for (const lock of locks) lock.release();
    },
  };
}

function ready(disk: Disk, directory: string, create: boolean): void {
  const kind = explained(directory, 'look at', () => disk.kindOf(directory));
  if (kind === undefined) {
    if (!create)
      throw new DirectoryError(
        `${directory} does not exist and datadir.autocreate is false. Create it, or correct dataDir`,
      );
    explained(directory, 'create', () => disk.makeDirectory(directory));
  }
  if (kind !== undefined && kind !== 'directory')
    throw new DirectoryError(`${directory} is a ${kind}, not a directory. Move it away, or correct dataDir`);
  if (!disk.isWritable(directory))
    throw new DirectoryError(`Cannot write to ${directory}. Give the server's user write permission`);
}

function explained<Result>(directory: string, what: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    if (error instanceof DiskError) throw new DirectoryError(`Cannot ${what} ${directory}: ${error.message}`);
    throw error;
  }
}

function refuseStray(files: readonly { path: string }[], where: string, kind: string): void {
  const [first] = files;
  if (first === undefined) return;
  throw new DirectoryError(
    `${where} but holds the ${kind} file ${first.path}. Move it, or correct dataDir and dataLogDir`,
  );
}
