import { resolve } from 'node:path';
import { zxidEpoch } from '@nodekeeper/protocol';
import type { ServerConfig } from '../config/server-config.js';
import { type LoadedDatabase, loadDatabase } from '../database/load-database.js';
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

/**
 * The epoch and the last zxid of a stopped member. Among the members with the latest epoch, the member with the highest
 * zxid has every acknowledged write.
 */
export interface MemberProgress {
  readonly currentEpoch: number;
  readonly lastZxid: number;
}

const ports = { disk: nodeDisk, scheduler: nodeScheduler, random: nodeRandom };
/**
 * The session tracker needs a server id only to create sessions. This command creates no session, so any id is right.
 */
const anyServerId = 1;

/** All zxids of the existing data are renumbered into this epoch. */
const firstEpoch = 1;

/**
 * Reads the data of a stopped server. If `target` is given, also writes the data to that directory, with epochs that
 * start at 1. Rejects if a server uses one of the directories, or if the target is not empty.
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
      throw new DirectoryError(`its last zxid, about ${lastZxid}, is too large to be read exactly`);
    // The epoch is not validated, because this command must also read an epoch that is too large for a server to start.
    const written = readSmallFile(nodeDisk, `${snapshotDirectory(config.dataDir)}/currentEpoch`);
    const currentEpoch = written === undefined ? zxidEpoch(lastZxid) : Number(written.trim());
    if (target !== undefined) await write(config, resolve(target), database, logger);
    return { currentEpoch, lastZxid };
  } finally {
    lock.release();
  }
}

async function write(config: ServerConfig, target: string, database: LoadedDatabase, logger: Logger): Promise<void> {
  const lock = openDirectories(nodeDisk, { dataDir: target, dataLogDir: target, datadirAutocreate: true });
  try {
    const directory = snapshotDirectory(target);
    if (nodeDisk.list(directory).length > 0)
      throw new DirectoryError(`${directory} is not empty. Choose a new directory`);
    renumberZxids(database.tree, firstEpoch);
    await writeSnapshot({ ...config, dataDir: target, dataLogDir: target }, database, logger);
    for (const name of ['currentEpoch', 'acceptedEpoch']) {
      writeFileAtomically(nodeDisk, directory, name, String(firstEpoch));
    }
  } finally {
    lock.release();
  }
}

function writeSnapshot(
  config: ServerConfig,
  { tree, sessions: timeouts }: LoadedDatabase,
  logger: Logger,
): Promise<void> {
  const nowMs = nodeScheduler.monotonicMs();
  const sessions = new SessionTracker(config.tickTimeMs, anyServerId, nowMs);
  for (const [id, timeoutMs] of timeouts) sessions.track(id, timeoutMs, nowMs).committed = true;
  const log = { requestRoll() {} };
  const listener = { snapshotTaken() {}, snapshotFailed() {} };
  const snapshots = new Snapshots({ ...ports, config, tree, sessions, log, logger, listener });
  return new Promise((done, fail) => snapshots.take((error) => (error ? fail(error) : done())));
}
