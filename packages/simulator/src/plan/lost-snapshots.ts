import { LogWalk, logFiles, snapshotFiles } from '@nodekeeper/server/testing';
import type { Ensemble } from '../ensemble.js';
import type { Server } from '../servers/server.js';
import type { MachineDisk } from '../world/machine-disk.js';
import type { Fault } from './faults.js';

const directory = '/data/version-2';
/** The time for which the server runs before it is killed. */
const trustingMs = 1000;
/** The delay after which a killed server starts again. */
const soonMs = 100;

/**
 * The snapshots of a server are lost while the server is down. For one start, the server is configured to trust its
 * logs. The files that it then writes must suffice for the next start, without that option (ZK-3781).
 */
export function loseSnapshots(ensemble: Ensemble, server: Server, { durationMs }: Fault): void {
  ensemble.returnsAfter(server, durationMs, () => {
    if (!holdEverything(server.disk)) return;
    for (const { path } of snapshotFiles(directory, server.disk.list(directory))) server.disk.lose(path);
    server.trustsLogs = true;
    ensemble.world.after(trustingMs, () => {
      if (ensemble.isHealed) return;
      ensemble.returnsAfter(server, soonMs);
      server.kill();
    });
  });
  server.stop();
}

/** True if the logs reach back to the first transaction, and no snapshot came from a leader. */
function holdEverything(disk: MachineDisk): boolean {
  const snapshots = snapshotFiles(directory, disk.list(directory)).map(({ zxid }) => zxid);
  const logged = new Set([0]);
  const [first] = logFiles(directory, disk.list(directory));
  const walk = first && LogWalk.from(disk, { dataDir: '/data', dataLogDir: '/data' }, first.zxid);
  while (walk?.next()) logged.add(walk.zxid);
  walk?.close();
  return snapshots.includes(0) && snapshots.every((zxid) => logged.has(zxid));
}
