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

/** The name of a file that exists while a truncation is in progress. It holds the last zxid to keep. */
const intentName = 'truncateAfter';

/**
 * Removes every transaction after `zxid` from the files, durably, because the leader does not have them (spec 4.6.1).
 * Also removes snapshots that are later than `zxid`, because they contain some of these transactions (R-15 ZK-1549,
 * ZK-4837). Throws a `DiskError` if the disk fails; the server must then stop (R-19 ZK-3701).
 *
 * If the server crashes before all files are removed, the remaining snapshots and logs may not fit together. No order
 * of removal prevents this. So the function first writes a file that records the truncation. If this file exists, the
 * next start completes the truncation.
 */
export function truncateAfter(disk: Disk, directories: Directories, zxid: number, logger: Logger): void {
  writeFileAtomically(disk, snapshotDirectory(directories.dataDir), intentName, zxidHex(zxid));
  removeAfter(disk, directories, zxid, logger);
  forgetIntent(disk, directories);
}

/** Completes a truncation that a crash interrupted. Call this before any log or snapshot is read. */
export function finishTruncation(disk: Disk, directories: Directories, logger: Logger): void {
  const path = `${snapshotDirectory(directories.dataDir)}/${intentName}`;
  const text = readSmallFile(disk, path);
  if (text === undefined) return;
  if (!/^0x[0-9a-f]+$/.test(text)) {
    throw new RecoveryError(
      `${path} holds "${text}", which is not a zxid: this server did not write it. Remove it, or restore the directory`,
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
    logger.info(`Removing ${snapshot.path}: the ensemble's history ends at ${zxidHex(zxid)}`);
    disk.remove(snapshot.path);
  }
  disk.syncDirectory(snapshots);
  // Remove the newest log first. Otherwise a crash could leave a gap before one of the remaining logs.
  for (const log of logFiles(logs, disk.list(logs)).reverse()) {
    if (log.zxid > zxid) {
      logger.info(`Removing ${log.path}: the ensemble's history ends at ${zxidHex(zxid)}`);
      disk.remove(log.path);
      disk.syncDirectory(logs);
    } else {
      cutAfter(disk, log, zxid);
      return;
    }
  }
}

/**
 * True if the files will still hold the whole history up to `zxid` after they are cut at `zxid`. This needs a snapshot
 * at or before `zxid`, and the log from that snapshot to `zxid`. The log may lack transactions that this server
 * received only as part of a leader's snapshot.
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

/** Cuts all entries with a zxid above `zxid` off the end of a log. */
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
