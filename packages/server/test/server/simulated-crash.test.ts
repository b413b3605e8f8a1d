import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorCode, type MultiOp, OpCode } from '@nodekeeper/protocol';
import { below, forSeeds, randomFrom } from '../../src/testing/random.js';
import { SimulatedCrash } from '../../src/testing/simulated-disk.js';
import { createRequest, type TestClient } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';
import { assertConsistent } from '../tree/tree-model.js';

/** One client and its work. Each multi writes the next number to two nodes. */
class Worker {
  sent = 0;
  acknowledged = 0;
  readonly client: TestClient;

  constructor(
    server: TestServer,
    readonly name: string,
  ) {
    this.client = server.connect({ timeoutMs: 60_000 });
    for (const part of ['a', 'b']) this.client.create(`/${name}-${part}`, '0');
  }

  send(): void {
    const value = Buffer.from(`${++this.sent} ${'v'.repeat(this.sent % 700)}`);
    const parts: MultiOp[] = ['a', 'b'].map((part) => ({
      type: OpCode.setData,
      request: { path: `/${this.name}-${part}`, data: value, version: this.sent - 1 },
    }));
    this.client.send('multi', parts);
  }

  collect(): void {
    for (const reply of this.client.replies()) {
      assert.equal(reply.body[0].type, OpCode.setData);
      this.acknowledged++;
    }
  }

  /**
   * Asserts that both nodes hold the values of the same multi, and that this multi is not older than the last
   * acknowledged one.
   */
  check(client: TestClient): void {
    const [a, b] = ['a', 'b'].map((part) => client.get(`/${this.name}-${part}`).body);
    assert.deepEqual(a.data, b.data, 'no multi is partial');
    const value = Number(a.data.toString().split(' ')[0]);
    assert.ok(value >= this.acknowledged, `${this.name}: ${value} is there, ${this.acknowledged} was acknowledged`);
    assert.ok(value <= this.sent);
    assert.deepEqual([a.stat.version, b.stat.version], [value, value]);
  }
}

/**
 * Lets two clients write until the disk crashes at the given step. The same arguments always give the same run. Returns
 * the workers, which know what they have sent.
 */
function workUntilCrash(server: TestServer, crashAtStep: number, seed: number): Worker[] {
  const random = randomFrom(seed);
  const workers = [new Worker(server, 'w0'), new Worker(server, 'w1')];
  server.disk.crashAtStep = server.disk.steps + crashAtStep;
  try {
    for (let round = 0; round < 60; round++) {
      server.diskIsSlow = true;
      for (const worker of workers) for (let count = below(random, 4); count > 0; count--) worker.send();
      server.settle();
      server.disk.runPending(below(random, 4));
      server.settle();
      for (const worker of workers) worker.collect();
    }
  } catch (error) {
    if (!(error instanceof SimulatedCrash)) throw error;
    for (const worker of workers) worker.collect();
  }
  return workers;
}

test('after a crash at each step of the disk, with unsynced bytes lost or torn, acknowledged writes are there and no multi is partial', () => {
  let crashes = 0;
  for (let crashAtStep = 1; crashAtStep <= 90; crashAtStep++) {
    const seed = 1000 + crashAtStep;
    const server = new TestServer({ snapCount: 30, txnLogSizeLimitInKb: 8, preAllocSizeKb: 4 });
    const workers = workUntilCrash(server, crashAtStep, seed);
    if (workers.some((worker) => worker.sent > worker.acknowledged)) crashes++;
    try {
      server.crash(randomFrom(seed));
      const client = server.connect();
      for (const worker of workers) worker.check(client);
      assertConsistent(server.database.tree);
      assert.equal(client.create('/after').err, 0);
      server.crash(randomFrom(seed + 1));
      assert.equal(server.connect().create('/after').err, ErrorCode.NODEEXISTS);
    } catch (error) {
      throw new Error(`crash at step ${crashAtStep}: ${(error as Error).stack}`);
    }
  }
  assert.ok(crashes > 40, `${crashes} crashes interrupted work`);
});

test('each start after repeated crashes on one disk has everything that was ever acknowledged', () => {
  forSeeds(5, (random) => {
    const server = new TestServer({ snapCount: 40, preAllocSizeKb: 4 });
    const acknowledged = new Map<string, number>();
    for (let life = 0; life < 12; life++) {
      const client = server.connect({ timeoutMs: 60_000 });
      const sent = new Map<number, string>();
      server.disk.crashAtStep = server.disk.steps + 1 + below(random, 40);
      try {
        server.diskIsSlow = true;
        for (let index = 0; index < 60; index++) {
          const path = `/life${life}-${index}`;
          sent.set(client.send('create', createRequest(path, path.repeat(below(random, 40)))), path);
          server.settle();
          server.disk.runPending(below(random, 3));
          server.settle();
        }
      } catch (error) {
        if (!(error instanceof SimulatedCrash)) throw error;
      }
      for (const reply of client.replies()) acknowledged.set(sent.get(reply.xid)!, reply.zxid);
      server.crash(random);
      const after = server.connect();
      for (const path of acknowledged.keys()) assert.equal(after.exists(path).err, 0, path);
      // If a create survived, all earlier creates of this client survived, too: if n nodes exist, they are the first n
      // nodes.
      const present = after.children('/')!.filter((name) => name.startsWith(`life${life}-`)).length;
      for (let index = 0; index < present; index++) assert.equal(after.exists(`/life${life}-${index}`).err, 0);
      assertConsistent(server.database.tree);
    }
    assert.ok(acknowledged.size > 20);
  });
});
