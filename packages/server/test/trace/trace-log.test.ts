import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpCode, sessionIdHex, Xid } from '@nodekeeper/protocol';
import { silentLogger } from '../../src/log/logger.js';
import { SimulatedDisk } from '../../src/testing/simulated-disk.js';
import { TraceLog } from '../../src/trace/trace-log.js';
import { openAcl } from '../support/test-client.js';
import { TestEnsemble } from '../support/test-ensemble.js';
import { TestServer } from '../support/test-server.js';

/** Returns the stages of requests from the log, without the times. */
function stages(logged: readonly string[]): string[] {
  return logged.filter((line) => line.startsWith('INFO trace ')).map((line) => line.slice(11).replace(/ \(\+.*/, ''));
}

test('a trace of a path shows each stage of the requests for it, and of no others', () => {
  const server = new TestServer({}, new SimulatedDisk(), { path: '/a' });
  const client = server.connect();
  const { zxid } = client.create('/a');
  client.create('/b');
  client.call('getData', { path: '/a', watch: false });
  const hex = `0x${zxid.toString(16)}`;
  const session = sessionIdHex(client.sessionId);
  assert.deepEqual(stages(server.logged), [
    `${session}/1 create /a: received`,
    `${session}/1 create /a: zxid ${hex}`,
    `${session}/1 create /a: passed to the disk in a batch of 1`,
    `${session}/1 create /a: durable on this server`,
    `${session}/1 create /a: applied: OK`,
    `${session}/1 create /a: answered: OK`,
    `${session}/3 getData /a: received`,
    `${session}/3 getData /a: answered: OK`,
  ]);
});

test('a trace shows why a write was refused, and finds the paths in a multi', () => {
  const server = new TestServer({}, new SimulatedDisk(), { path: '/missing' });
  const client = server.connect();
  client.call('delete', { path: '/missing', version: -1 });
  client.call('multi', [
    { type: OpCode.create, request: { path: '/x', data: null, acl: openAcl, flags: 0 } },
    { type: OpCode.check, request: { path: '/missing', version: 0 } },
  ]);
  const text = stages(server.logged).join('\n');
  assert.match(text, /delete \/missing: zxid 0x2, refused: NONODE/);
  assert.match(text, /delete \/missing: answered: NONODE/);
  assert.match(text, /multi \/x \/missing: received/);
});

test("in an ensemble the client's server traces the way to the leader and the commit", () => {
  const ensemble = new TestEnsemble(3, { trace: { path: '/a' } });
  ensemble.start();
  const leader = ensemble.untilServing();
  const follower = ensemble.members.find((member) => member !== leader)!;
  const client = ensemble.connect(follower.id);
  assert.equal(client.create('/a').err, 0);
  const ofClient = stages(follower.logged).map((line) => line.split(': ').slice(1).join(': '));
  const isOfDisk = (line: string) => line.startsWith('passed') || line === 'durable on this server';
  const zxid = `zxid 0x${follower.replica.lastZxid.toString(16)}`;
  assert.deepEqual(
    ofClient.filter((line) => !isOfDisk(line)),
    ['received', 'sent to the leader', zxid, 'committed by a quorum', 'applied: OK', 'answered: OK'],
  );
  assert.deepEqual(ofClient.filter(isOfDisk), ['passed to the disk in a batch of 1', 'durable on this server']);
  assert.ok(stages(leader.logged).some((line) => line.endsWith('committed by a quorum')));
  assert.ok(stages(leader.logged).some((line) => line.endsWith('applied: OK')));
});

test('a server without a trace logs no stage', () => {
  const server = new TestServer();
  server.connect().create('/a');
  assert.deepEqual(stages(server.logged), []);
});

test('unanswered requests do not stop a trace from following later ones', () => {
  const logged: string[] = [];
  const logger = { ...silentLogger, info: (line: string) => void logged.push(line) };
  const trace = new TraceLog({ sessionId: 1n }, logger, { monotonicMs: () => 0 });
  const ping = { type: OpCode.ping, bytes: Buffer.alloc(0), start: 0, end: 0 };
  for (let xid = 1; xid <= 10_001; xid++) trace.taken(1n, { xid, ...ping });
  trace.replied(1n, 10_001, 0, 0);
  trace.replied(1n, 1, 0, 0);
  assert.equal(logged.filter((line) => line.includes('answered')).length, 1);
  assert.match(logged.at(-1)!, /\/10001 ping: answered: OK/);
});

test('a trace of a session shows all its requests, including pings, and no other session', () => {
  const { sessionId } = new TestServer().connect();
  const server = new TestServer({}, new SimulatedDisk(), { sessionId });
  const client = server.connect();
  assert.equal(client.sessionId, sessionId, 'a server with the same clock gives the same id');
  client.call('ping', undefined, Xid.ping);
  server.connect().create('/other');
  const text = stages(server.logged).join('\n');
  assert.match(text, /createSession: applied: OK/);
  assert.match(text, /ping: received\n.* ping: answered: OK/);
  assert.doesNotMatch(text, /other/);
});
