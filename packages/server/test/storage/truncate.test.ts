import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../src/log/logger.js';
import { RecoveryError, recover, SnapshotWriter, TxnLog, truncateAfter } from '../../src/storage/index.js';
import { randomFrom } from '../../src/testing/random.js';
import { SimulatedCrash, SimulatedDisk } from '../../src/testing/simulated-disk.js';
import { DATA, FILES, logOptions, noListener, snapshotOptions, ToyTree, writeEntry } from './toy-database.js';

const directories = { dataDir: DATA, dataLogDir: DATA };

function freshDisk(): SimulatedDisk {
  const disk = new SimulatedDisk();
  disk.makeDirectory(FILES);
  return disk;
}

/**
 * Writes a snapshot with this zxid as its label. The snapshot is fuzzy if `data` is from a transaction after the label.
 */
function snapshot(disk: SimulatedDisk, zxid: number, data: string): void {
  const tree = new ToyTree();
  tree.apply(zxid, '/k', data);
  const writer = new SnapshotWriter(disk, FILES, tree.source(), snapshotOptions);
  while (writer.step() !== 'done') disk.runPending();
}

/** Writes a log in which each transaction sets the node /k to the transaction's own zxid. */
function log(disk: SimulatedDisk, ...zxids: number[]): void {
  const txnLog = new TxnLog(disk, FILES, logOptions, silentLogger, noListener);
  for (const zxid of zxids) {
    writeEntry(txnLog.beginEntry(), zxid, '/k', `${zxid}`);
    txnLog.endEntry(zxid);
  }
  txnLog.flush();
  disk.runPending();
  txnLog.close();
}

function recovered(disk: SimulatedDisk): string {
  const tree = new ToyTree();
  const { lastZxid } = recover(disk, { ...directories, trustEmpty: false, dbAutocreate: true }, tree, silentLogger);
  return `${lastZxid}: ${tree.nodes.get('/k')}`;
}

/** Crashes at each step of a truncation in turn, and returns the different states that the recovery finds. */
function afterCrashes(prepare: (disk: SimulatedDisk) => void, zxid: number): string[] {
  const found = new Set<string>();
  for (let step = 1; ; step++) {
    const disk = freshDisk();
    prepare(disk);
    disk.crashAtStep = disk.steps + step;
    let isThrough = false;
    try {
      truncateAfter(disk, directories, zxid, silentLogger);
      isThrough = true;
    } catch (error) {
      if (!(error instanceof SimulatedCrash)) throw error;
    }
    for (const seed of [1, 2, 3]) {
      const copy = seed === 1 ? disk.durableCopy() : disk;
      if (copy === disk) disk.crash(randomFrom(seed * 31 + step));
      found.add(recovered(copy));
    }
    if (isThrough) return [...found].sort();
  }
}

test("a crash during a truncation leaves the old history or the new one, without transactions that a leader's snapshot replaced", () => {
  const prepare = (disk: SimulatedDisk) => {
    snapshot(disk, 0, 'none');
    // transaction 3 was never committed: the leader's snapshot, at zxid 5, replaced it
    log(disk, 1, 2, 3);
    snapshot(disk, 5, '5');
    log(disk, 6, 7);
    // snapshot 4 is from a different leader
    snapshot(disk, 4, 'another');
  };
  assert.deepEqual(afterCrashes(prepare, 4), ['4: another', '7: 7']);
});

test('a crash during a truncation never leaves a fuzzy snapshot without the logs that complete it', () => {
  const prepare = (disk: SimulatedDisk) => {
    snapshot(disk, 0, 'none');
    log(disk, 1, 2, 3, 4);
    log(disk, 5, 6);
    snapshot(disk, 4, '6');
  };
  assert.deepEqual(afterCrashes(prepare, 3), ['3: 3', '6: 6']);
});

test('recovery does not guess the end of a truncation whose target is unreadable', () => {
  const disk = freshDisk();
  snapshot(disk, 0, 'none');
  log(disk, 1, 2);
  disk.place(`${FILES}/truncateAfter`, Buffer.from('nonsense'));
  assert.throws(
    () => recovered(disk),
    (error: Error) =>
      error instanceof RecoveryError && /truncateAfter holds "nonsense", which is not a zxid/.test(error.message),
  );
  disk.remove(`${FILES}/truncateAfter`);
  assert.equal(recovered(disk), '2: 2');
});
