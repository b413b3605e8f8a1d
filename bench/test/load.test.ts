import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { Job, Workload } from '../src/job.js';
import { runJob } from '../src/run-job.js';
import { startServer } from '../src/servers.js';

const job = (workload: Workload, port: number, serverPid: number, rest: Partial<Job> = {}): Job => ({
  workload,
  ports: [port],
  serverPids: [serverPid],
  connections: 4,
  window: 8,
  payloadBytes: 1024,
  warmupSeconds: 0.05,
  seconds: 0.1,
  run: workload,
  ...rest,
});

test('every workload runs against the floor server without an error', async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'nodekeeper-bench-'));
  const floor = await startServer('floor', directory);
  context.after(async () => {
    await floor.stop();
    rmSync(directory, { recursive: true });
  });
  for (const workload of ['get', 'set', 'create', 'mix', 'fanout'] as const) {
    const result = await runJob(job(workload, floor.port, floor.pid));
    assert.equal(result.firstError, null, workload);
    assert.ok(result.operations > 0, workload);
    assert.ok(result.latency.maxMs > 0, workload);
  }
  const tree = await runJob(
    job('tree', floor.port, floor.pid, { connections: 10, window: 100, nodes: 5000, warmupSeconds: 0 }),
  );
  assert.equal(tree.operations, 5000);
  assert.equal(tree.errors, 0);
});

/**
 * Starts a server that opens sessions. It answers every request with the xid and error that `reply` returns, and writes
 * each byte of the answer separately.
 */
function startFake(reply: (xid: number) => { xid: number; error: number }): Promise<{ server: Server; port: number }> {
  const server = createServer({ noDelay: true }, (socket) => {
    let isOpen = false;
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      for (let at = 0; at + 4 <= bytes.length; at += 4 + bytes.readInt32BE(at)) {
        const answer = Buffer.alloc(isOpen ? 20 : 41);
        answer.writeInt32BE(answer.length - 4);
        if (isOpen) {
          const { xid, error } = reply(bytes.readInt32BE(at + 4));
          answer.writeInt32BE(xid, 4);
          answer.writeInt32BE(error, 16);
        } else {
          answer.writeInt32BE(30_000, 8);
        }
        isOpen = true;
        for (const byte of answer) socket.write(Buffer.from([byte]));
      }
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({ server, port: (server.address() as { port: number }).port }));
  });
}

test('error replies and wrong xids are counted and reported, however the replies are split', async (context) => {
  const badError = await startFake((xid) => ({ xid, error: -101 }));
  context.after(() => badError.server.close());
  const failing = job('get', badError.port, process.pid, { connections: 1, window: 1 });
  await assert.rejects(runJob(failing), /Creating \/bench failed with error -101/);
  let replies = 0;
  const setupReplies = 1001;
  const late = await startFake((xid) => ({ xid, error: ++replies > setupReplies ? -4 : 0 }));
  context.after(() => late.server.close());
  const result = await runJob({ ...failing, ports: [late.port] });
  assert.equal(result.firstError, 'A reply had error -4.');
  assert.ok(result.errors > 0);
  let answered = 0;
  const shifted = await startFake((xid) => ({ xid: ++answered > setupReplies + 1 ? xid + 1 : xid, error: 0 }));
  context.after(() => shifted.server.close());
  const disordered = await runJob({ ...failing, ports: [shifted.port] });
  assert.equal(disordered.firstError, 'A reply had xid 2, expected 1.');
});
