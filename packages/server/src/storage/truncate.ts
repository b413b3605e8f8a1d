import { zxidHex } from '@nodekeeper/protocol';
import type { Logger } from '../log/logger.js';
import type { Disk } from '../ports/disk.js';
import { logDirectory, readSmallFile, snapshotDirectory, writeFileAtomically } from './data-directory.js';
import { logFiles, logsSince, type NumberedFile, snapshotFiles } from './file-format.js';
import { LogReader } from './log-reader.js';
import { RecoveryError } from './recovery-error.js';

interface Directories {
  readonly dataDir: string;
  readonly dataLogDir: string;
}

/** Holds the zxid while a truncation is under way. */
const intentName = 'truncateAfter';

/**
 * Takes everything after a zxid out of the files, durably: the leader has no such transactions (inventory 4.6.1). Snapshots
 * that are labelled later hold some of them, and go too (R-15 ZK-1549, ZK-4837). Throws a `DiskError` when the disk fails:
 * then this server must not go on (R-19 ZK-3701).
 *
 * In no order can the files go without a crash in between leaving another history: a snapshot of our own needs the logs
 * behind it, and one from a leader hides what is in the logs in front of it. So the next start ends what was begun.
 */
export function truncateAfter(disk: Disk, directories: Directories, zxid: number, logger: Logger): void {
  writeFileAtomically(disk, snapshotDirectory(directories.dataDir), intentName, zxidHex(zxid));
  removeAfter(disk, directories, zxid, logger);
  forgetIntent(disk, directories);
}

/** Ends a truncation that a crash has cut short; to be done before the files are read. */
export function finishTruncation(disk: Disk, directories: Directories, logger: Logger): void {
  const path = `${snapshotDirectory(directories.dataDir)}/${intentName}`;
  const text = readSmallFile(disk, path);
  if (text === undefined) return;
  if (!/^0x[0-9a-f]+$/.test(text)) {
    throw new RecoveryError(
      `${path} holds "${text}", and no zxid: it was not written by this server. Remove it, or restore the directory`,
    );
  }
  removeAfter(disk, directories, Number(text), logger);
  forgetIntent(disk, directories);
}

function forgetIntent(disk: Disk, { dataDir }: Directories): void {
  const directory = snapshotDirectory(dataDir);
  disk.remove(`${directory}/${intentName}`);
  disk.syncDirectory(directory);
}

function removeAfter(disk: Disk, directories: Directories, zxid: number, logger: Logger): void {
  const logs = logDirectory(directories.dataLogDir);
  const snapshots = snapshotDirectory(directories.dataDir);
  for (const snapshot of snapshotFiles(snapshots, disk.list(snapshots))) {
    if (snapshot.zxid <= zxid) break;
    logger.info(`Removing ${snapshot.path}: the ensemble's history has ended at ${zxidHex(zxid)}`);
    disk.remove(snapshot.path);
  }
  disk.syncDirectory(snapshots);
  // the newest first, which leaves no log behind a gap
  for (const log of logFiles(logs, disk.list(logs)).reverse()) {
    if (log.zxid > zxid) {
      logger.info(`Removing ${log.path}: the ensemble's history has ended at ${zxidHex(zxid)}`);
      disk.remove(log.path);
      disk.syncDirectory(logs);
    } else {
      cutAfter(disk, log, zxid);
      return;
    }
  }
}

/**
 * Whether the files, cut at a zxid, would hold the history up to there: a snapshot from before it, and the log in between.
 * What came from a leader as a snapshot is in no log, and without that snapshot there is nothing of it.
 */
export function canTruncateAfter(disk: Disk, directories: Directories, zxid: number): boolean {
  const snapshots = snapshotDirectory(directories.dataDir);
  const base = snapshotFiles(snapshots, disk.list(snapshots)).find((snapshot) => snapshot.zxid <= zxid);
  if (base === undefined || base.zxid === zxid) return base !== undefined;
  const logs = logDirectory(directories.dataLogDir);
  return logsSince(logFiles(logs, disk.list(logs)), base.zxid).some((log) => holds(disk, log, zxid));
}

function holds(disk: Disk, log: NumberedFile, zxid: number): boolean {
  const reader = new LogReader(disk, log);
  try {
    while (reader.next()) if (reader.zxid >= zxid) return reader.zxid === zxid;
    return false;
  } finally {
    reader.close();
  }
}

/** Cuts a log behind its last entry up to `zxid`. */
function cutAfter(disk: Disk, log: NumberedFile, zxid: number): void {
  const reader = new LogReader(disk, log);
  let end: number | undefined;
  try {
    while (reader.next()) {
      if (reader.zxid <= zxid) continue;
      end = reader.entryOffset;
      break;
    }
  } finally {
    reader.close();
  }
  if (end === undefined) return;
  const file = disk.open(log.path, 'write');
  try {
    file.truncate(end);
    file.sync();
  } finally {
    file.close();
  }
}
