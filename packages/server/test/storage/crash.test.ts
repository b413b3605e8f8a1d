import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomFrom } from '../../src/testing/random.js';
import { SimulatedCrash, SimulatedDisk } from '../../src/testing/simulated-disk.js';
import { assertRecovered, FILES, ToyServer } from './toy-database.js';

function bytesOf(random: () => number, lengthMax: number): string {
  const length = Math.floor(random() * lengthMax);
  let text = '';
  while (text.length < length) text += String.fromCharCode(1 + Math.floor(random() * 255));
  return text;
}

/** Uses the disk in every way: append, flush, roll, snapshot, purge, and retry after a failure. */
function work(server: ToyServer, disk: SimulatedDisk, random: () => number, rounds: number): void {
  for (let round = 0; round < rounds; round++) {
    const count = 1 + Math.floor(random() * 6);
    for (let index = 0; index < count; index++) {
      server.write(`/k${Math.floor(random() * 6)}`, bytesOf(random, random() < 0.2 ? 5000 : 200));
    }
    server.log.flush();
    if (random() < 0.7) disk.runPending(Math.floor(random() * 4));
    if (server.log.failed !== undefined) {
      server.log.retry();
      disk.runPending();
    }
    if (random() < 0.3) {
      server.log.requestRoll();
      try {
        server.snapshot(() => disk.runPending());
        server.purge();
      } catch (error) {
        if (error instanceof SimulatedCrash) throw error;
      }
    }
  }
  disk.runPending();
}

/** A disk with a first snapshot. Every server writes a first snapshot before it serves. */
function freshServer(): { disk: SimulatedDisk; server: ToyServer } {
  const disk = new SimulatedDisk();
  const server = new ToyServer(disk);
  server.start();
  server.snapshot(() => disk.runPending());
  return { disk, server };
}

function runUntilCrash(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof SimulatedCrash)) throw error;
  }
}

/**
 * Crashes at step `step` of the disk, restarts and continues. Then crashes and restarts again. Returns false if the
 * work ended before step `step`.
 */
function crashTwice(seed: number, step: number): boolean {
  const random = randomFrom(seed * 7919 + step);
  const { disk, server } = freshServer();
  disk.crashAtStep = disk.steps + step;
  const stepsBefore = disk.steps;
  runUntilCrash(() => work(server, disk, randomFrom(seed), 12));
  const crashed = disk.steps >= stepsBefore + step;
  disk.crash(random);

  const second = new ToyServer(disk);
  second.start();
  assertRecovered(second, server.history, server.acknowledgedZxid);

  const history = server.history.filter((entry) => entry.zxid <= second.recovered.lastZxid);
  second.history.push(...history);
  disk.crashAtStep = disk.steps + 1 + Math.floor(random() * 20);
  runUntilCrash(() => work(second, disk, random, 4));
  disk.crash(random);
  const third = new ToyServer(disk);
  third.start();
  assertRecovered(third, second.history, Math.max(second.acknowledgedZxid, second.recovered.lastZxid));
  return crashed;
}

for (let seed = 1; seed <= 8; seed++) {
  test(`a crash at every step of append, flush, roll, snapshot and purge loses nothing acknowledged (seed ${seed})`, () => {
    let step = 1;
    for (; ; step++) {
      let crashed: boolean;
      try {
        crashed = crashTwice(seed, step);
      } catch (error) {
        throw new Error(`seed ${seed}, step ${step}: ${(error as Error).message}`, { cause: error });
      }
      if (!crashed) break;
    }
    assert.ok(step > 30, `${step} steps`);
  });
}

test('a disk failure (no space, input/output error) at every step, followed by a crash, loses nothing acknowledged', () => {
  for (let seed = 1; seed <= 4; seed++) {
    for (let failing = 1; failing < 80; failing++) {
      const { disk, server } = freshServer();
      const random = randomFrom(seed * 104_729 + failing);
      const first = disk.steps + failing;
      const duration = 1 + Math.floor(random() * 3);
      const code = random() < 0.5 ? 'ENOSPC' : 'EIO';
      disk.fault = (_operation, _path, step) => (step >= first && step < first + duration ? code : undefined);
      disk.crashAtStep = first + duration + Math.floor(random() * 40);
      runUntilCrash(() => work(server, disk, randomFrom(seed), 12));
      disk.crash(random);
      const second = new ToyServer(disk);
      try {
        second.start();
        assertRecovered(second, server.history, server.acknowledgedZxid);
      } catch (error) {
        throw new Error(`seed ${seed}, failing ${failing}: ${(error as Error).message}`, { cause: error });
      }
    }
  }
});

test('a crash during recovery itself loses nothing', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = randomFrom(seed);
    const { disk, server } = freshServer();
    disk.crashAtStep = disk.steps + 5 + Math.floor(random() * 40);
    runUntilCrash(() => work(server, disk, random, 12));
    disk.crash(random);
    for (let step = 1; step < 5; step++) {
      disk.crashAtStep = disk.steps + step;
      runUntilCrash(() => new ToyServer(disk).start());
      disk.crash(random);
    }
    const last = new ToyServer(disk);
    last.start();
    assertRecovered(last, server.history, server.acknowledgedZxid);
  }
});

/** Starts a server, and asserts that it has recovered up to this zxid. */
function startedAt(disk: SimulatedDisk, lastZxid: number): ToyServer {
  const server = new ToyServer(disk);
  server.start();
  assert.equal(server.recovered.lastZxid, lastZxid);
  return server;
}

/** Runs `work` while every fsync fails, then kills the process. */
function killedByFailingSyncs(disk: SimulatedDisk, work: () => void): void {
  disk.fault = (operation) => (operation === 'fsync' ? 'EIO' : undefined);
  work();
  disk.fault = () => undefined;
  disk.kill();
}

test("S-7: data that a killed process left in the system's cache survives a power failure once a start has read it", () => {
  const { disk, server } = freshServer();
  server.write('/a', 'x');
  server.log.flush();
  disk.kill();
  const killed = startedAt(disk, 1);
  killed.write('/b', 'y');
  killed.log.flush();
  disk.runPending();
  disk.crash(() => 0);
  startedAt(disk, 2);
});

test("S-7: a start writes data again that a failed fsync left in the system's cache", () => {
  const { disk, server } = freshServer();
  server.write('/a', 'x');
  server.log.flush();
  killedByFailingSyncs(disk, () => disk.runPending());
  startedAt(disk, 1);
  disk.crash(() => 0);
  startedAt(disk, 1);
});

test('S-7: a start cuts a torn tail again if the fsync of the first cut failed, so the tail cannot reappear', () => {
  const { disk, server } = freshServer();
  server.write('/a', 'x');
  server.log.flush();
  disk.runPending();
  const path = `${FILES}/log.1`;
  const log = disk.contentOf(path).subarray(0, server.log.sizeOfCurrent);
  disk.kill();
  disk.place(path, Buffer.concat([log, log.subarray(16, 46)]));
  killedByFailingSyncs(disk, () => assert.throws(() => new ToyServer(disk).start(), /EIO/));
  startedAt(disk, 1);
  disk.crash(() => 0);
  assert.equal(disk.contentOf(path).length, log.length);
});
