import assert from 'node:assert/strict';
import { test } from 'node:test';
import { purge, purgeAsync } from '../../src/storage/index.js';
import { SimulatedDisk } from '../../src/testing/simulated-disk.js';
import { assertRecovered, DATA, FILES, LinesLogger, ToyServer } from './toy-database.js';

const directories = { dataDir: DATA, dataLogDir: DATA };

function filled(rounds: number): { disk: SimulatedDisk; server: ToyServer } {
  const disk = new SimulatedDisk();
  const server = new ToyServer(disk);
  server.start();
  for (let round = 0; round < rounds; round++) {
    for (let index = 0; index < 3; index++) server.write(`/k${index}`, `${round}`);
    server.log.flush();
    disk.runPending();
    server.log.requestRoll();
    server.snapshot(() => disk.runPending());
  }
  return { disk, server };
}

test('purge keeps the newest three snapshots and the logs that they need (spec 3.4)', () => {
  const { disk } = filled(6);
  const removed = purge(disk, directories, 3);
  assert.deepEqual(
    removed.map((path) => path.slice(FILES.length + 1)),
    ['snapshot.3', 'snapshot.6', 'snapshot.9', 'log.1', 'log.4', 'log.7'],
  );
  assert.deepEqual(
    disk.list(FILES).sort(),
    ['log.10', 'log.a', 'log.d', 'snapshot.12', 'snapshot.c', 'snapshot.f'].sort(),
  );
});

test('purge keeps at least three snapshots, even if fewer are configured', () => {
  const { disk } = filled(3);
  assert.deepEqual(purge(disk, directories, 1), []);
});

test('S-6 ZK-3231: damaged snapshots do not count, so the newest complete chain stays', () => {
  const { disk, server } = filled(5);
  for (const name of ['snapshot.f', 'snapshot.c']) disk.place(`${FILES}/${name}`, Buffer.alloc(50));
  assert.deepEqual(purge(disk, directories, 3), []);
  const again = new ToyServer(disk);
  again.start();
  assertRecovered(again, server.history, 15);
});

test('purgeAsync removes one file after another, and stops at a file that it cannot remove', () => {
  const { disk } = filled(5);
  disk.fault = (operation, path) => (operation === 'remove' && path.endsWith('snapshot.6') ? 'EIO' : undefined);
  let outcome: unknown[] = [];
  purgeAsync(disk, directories, 3, new LinesLogger(), (error, removed) => void (outcome = [error?.code, removed]));
  disk.runPending();
  assert.deepEqual(outcome, ['EIO', [`${FILES}/snapshot.3`]]);
  disk.fault = () => undefined;
  purgeAsync(
    disk,
    directories,
    3,
    new LinesLogger(),
    (error, removed) => void (outcome = [error?.code, removed.length]),
  );
  disk.runPending();
  assert.deepEqual(outcome, [undefined, 3]);
});
