import { getInt, txnZxid } from '@nodekeeper/protocol';
import { logFiles, readSmallFile, snapshotFiles } from '../storage/index.js';
import type { SimulatedDisk } from './simulated-disk.js';

const directory = '/data/version-2';

/** The state with which a server would restart if the power failed at this moment and all unsynced bytes were lost. */
export interface DurableState {
  readonly lastZxid: number;
  /** The zxid in the name of the newest snapshot. It is 0 if there is no snapshot. */
  readonly snapshotZxid: number;
  readonly currentEpoch: number;
  readonly acceptedEpoch: number;
}

export function durableState(disk: SimulatedDisk): DurableState {
  const copy = disk.durableCopy();
  const names = copy.list(directory);
  const snapshotZxid = snapshotFiles(directory, names)[0]?.zxid ?? 0;
  let lastZxid = snapshotZxid;
  for (const { path } of logFiles(directory, names).reverse()) {
    const last = lastEntry(copy.contentOf(path));
    lastZxid = Math.max(lastZxid, last);
    if (last > 0) break;
  }
  const [currentEpoch, acceptedEpoch] = [epochIn(copy, 'currentEpoch'), epochIn(copy, 'acceptedEpoch')];
  return { lastZxid, snapshotZxid, currentEpoch, acceptedEpoch };
}

function epochIn(disk: SimulatedDisk, name: string): number {
  return Number(readSmallFile(disk, `${directory}/${name}`) ?? -1);
}

/**
 * Returns the zxid of the last complete entry of a log, or 0 if the log has none. Does not verify checksums, because
 * tests call this function very often.
 */
function lastEntry(bytes: Buffer): number {
  const headerBytes = 16;
  const prefixBytes = 12;
  let zxid = 0;
  for (let at = headerBytes; at + prefixBytes < bytes.length; ) {
    const length = getInt(bytes, at + 8);
    const end = at + prefixBytes + length;
    if (length <= 0 || end >= bytes.length || bytes[end] !== 0x42) break;
    zxid = txnZxid(bytes, at + prefixBytes);
    at = end + 1;
  }
  return zxid;
}
