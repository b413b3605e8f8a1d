import { resolve } from 'node:path';
import { zxidEpoch } from '@nodekeeper/protocol';
import type { ServerConfig } from '../config/server-config.js';
import { type Database, loadDatabase } from '../database/load-database.js';
import { Snapshots } from '../database/snapshots.js';
import type { Logger } from '../log/logger.js';
import { nodeDisk } from '../ports/node/node-disk.js';
import { nodeRandom } from '../ports/node/node-random.js';
import { nodeScheduler } from '../ports/node/node-scheduler.js';
import { SessionTracker } from '../session/session-tracker.js';
import { readSmallFile, snapshotDirectory, writeFileAtomically } from '../storage/index.js';
import { DirectoryError, openDirectories } from '../storage/open-directories.js';
import { randomHashKey } from '../tree/path-hash.js';
import { renumberZxids } from '../tree/renumber.js';

/** How far the data of a stopped member go: whose epoch is the latest, and in it the zxid, has all that was acknowledged. */
export interface MemberProgress {
  readonly currentEpoch: number;
  readonly lastZxid: number;
}

const ports = { disk: nodeDisk, scheduler: nodeScheduler, random: nodeRandom };
/** The ids of new sessions are not used here. */
const anyServerId = 1;

/** All that is left of the old history happened in this one. */
const firstEpoch = 1;

/**
 * Reads the data of a stopped server and, if there is a target, writes them there as the data of one whose ensemble has
 * just begun to count its epochs. Rejects while a server uses one of the directories, and with a target that is not empty.
 */
export async function beginNewEpochs(
  given: ServerConfig,
  target: string | undefined,
  logger: Logger,
): Promise<MemberProgress> {
  const config = { ...given, dataDir: resolve(given.dataDir), dataLogDir: resolve(given.dataLogDir) };
  const lock = openDirectories(nodeDisk, { ...config, datadirAutocreate: false });
  try {
    const database = loadDatabase(nodeDisk, config, randomHashKey(nodeRandom), logger, nodeScheduler);
    if (database.recovered.firstStart) throw new DirectoryError(`${snapshotDirectory(config.dataDir)} holds no data`);
    const { lastZxid } = database.tree;
    if (!Number.isSafeInteger(lastZxid))
      throw new DirectoryError(`its last zxid, about ${lastZxid}, is beyond what is read exactly`);
    // no server could start with a number that is too large, and this command is the way out
    const written = readSmallFile(nodeDisk, `${snapshotDirectory(config.dataDir)}/currentEpoch`);
    const currentEpoch = written === undefined ? zxidEpoch(lastZxid) : Number(written.trim());
    if (target !== undefined) await write(config, resolve(target), database, logger);
    return { currentEpoch, lastZxid };
  } finally {
    lock.release();
  }
}

async function write(config: ServerConfig, target: string, database: Database, logger: Logger): Promise<void> {
  const lock = openDirectories(nodeDisk, { dataDir: target, dataLogDir: target, datadirAutocreate: true });
  try {
    const directory = snapshotDirectory(target);
    if (nodeDisk.list(directory).length > 0)
      throw new DirectoryError(`${directory} is not empty: name a new directory`);
    renumberZxids(database.tree, firstEpoch);
    await writeSnapshot({ ...config, dataDir: target, dataLogDir: target }, database, logger);
    for (const name of ['currentEpoch', 'acceptedEpoch']) {
      writeFileAtomically(nodeDisk, directory, name, String(firstEpoch));
    }
  } finally {
    lock.release();
  }
}

function writeSnapshot(config: ServerConfig, { tree, sessions: timeouts }: Database, logger: Logger): Promise<void> {
  const nowMs = nodeScheduler.monotonicMs();
  const sessions = new SessionTracker(config.tickTimeMs, anyServerId, nowMs);
  for (const [id, timeoutMs] of timeouts) sessions.track(id, timeoutMs, nowMs).committed = true;
  const log = { requestRoll() {} };
  const listener = { snapshotTaken() {}, snapshotFailed() {} };
  const snapshots = new Snapshots({ ...ports, config, tree, sessions, log, logger, listener });
  return new Promise((done, fail) => snapshots.take((error) => (error ? fail(error) : done())));
}
