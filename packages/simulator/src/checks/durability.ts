import { LogReader, logFiles, readSmallFile, type SimulatedDisk, snapshotFiles } from '@nodekeeper/server/testing';

const directory = '/data/version-2';

/** What a server would come back with if the power failed now and all that is not synced were lost. */
export interface DurableState {
  readonly lastZxid: number;
  readonly currentEpoch: number;
  readonly acceptedEpoch: number;
}

export function durableState(disk: SimulatedDisk): DurableState {
  const copy = disk.durableCopy();
  const names = copy.list(directory);
  let lastZxid = snapshotFiles(directory, names)[0]?.zxid ?? 0;
  for (const { path } of logFiles(directory, names)) {
    const reader = new LogReader(copy, path);
    while (reader.next()) lastZxid = Math.max(lastZxid, reader.zxid);
    reader.close();
  }
  return { lastZxid, currentEpoch: epochIn(copy, 'currentEpoch'), acceptedEpoch: epochIn(copy, 'acceptedEpoch') };
}

function epochIn(disk: SimulatedDisk, name: string): number {
  return Number(readSmallFile(disk, `${directory}/${name}`) ?? -1);
}
