import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { Master, TaskClient, Worker } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { disturbed } from '../support/line.js';
import { base, Gate, namesBelow, recorder, startMaster, startWorker, until } from './support.js';

test('a backup takes over with the state of the old master, and assigns the waiting tasks', async (context) => {
  const bench = await recipeBench(context);
  const [zk, first, second] = [await bench.connect(), await bench.connect(), await bench.connect()];
  const gate = new Gate();
  const old = await startMaster(context, first, { name: 'm1' });
  await startWorker(context, zk, gate.work, { name: 'w1' });
  const client = new TaskClient<string, string>(zk, base);
  const running = await client.submit('running');
  const waiting = await client.submit('waiting');
  await until(zk, () => gate.begun.length === 1);
  const backup = await startMaster(context, second, { name: 'm2' });
  const events = recorder(backup);
  old.on('error', () => {});
  await bench.expire(first);
  assert.ok((await events.next('leading')).token > 0);
  assert.equal(String((await zk.get('/jobs/master')).data), 'm2');
  gate.open('running');
  assert.match(await running.result(), /^running by/);
  await until(zk, () => gate.begun.length === 2);
  gate.open('waiting');
  await waiting.result();
  assert.deepEqual(gate.begun, ['running', 'waiting']);
  assert.equal(backup.leadership?.path, '/jobs/master');
});

test('the death of a master wakes one backup, however many wait', async (context) => {
  const bench = await recipeBench(context);
  const [first, rest] = [await bench.connect(), await bench.connect()];
  const leader = await startMaster(context, first, { name: 'm0' });
  await once(leader, 'leading');
  const backups = [];
  for (let index = 1; index <= 10; index++) backups.push(await startMaster(context, rest, { name: `m${index}` }));
  await until(rest, async () => (await rest.children('/jobs/masters')).children.length === 11);
  await until(rest, () => rest.stats().watches.data + rest.stats().watches.exists === 10);
  const { watchEvents } = rest.stats();
  const next = Promise.race(backups.map(async (backup) => once(backup, 'leading').then(() => backup.name)));
  await leader.close();
  assert.equal(await next, 'm1');
  // one event for the place in the line; the others are of the new master's own watches
  assert.ok(rest.stats().watchEvents - watchEvents <= 2, String(rest.stats().watchEvents - watchEvents));
});

test('the tasks of a dead worker are assigned anew, and the running work is told', async (context) => {
  const bench = await recipeBench(context);
  const [zk, doomed] = [await bench.connect(), await bench.connect()];
  const master = await startMaster(context, zk);
  const events = recorder(master);
  const [dying, healthy] = [new Gate(), new Gate()];
  const victim = await startWorker(context, doomed, dying.work, { name: 'w1' });
  const client = new TaskClient<string, string>(zk, base);
  const task = await client.submit('x');
  await until(zk, () => dying.begun.length === 1);
  await startWorker(context, zk, healthy.work, { name: 'w2' });
  const failed = once(victim, 'error');
  await bench.expire(doomed);
  assert.deepEqual(await events.next('taken-back'), { type: 'taken-back', task: task.name, worker: 'w1' });
  assert.equal((await events.next('assigned')).worker, 'w2');
  await until(zk, () => healthy.begun.length === 1);
  healthy.open('x');
  assert.deepEqual(await task.outcome(), { state: 'done', worker: 'w2', result: `x by ${task.name}` });
  assert.equal((await failed)[0].code, 'SESSIONEXPIRED');
  assert.deepEqual(dying.aborted, ['x']);
  await until(zk, async () => (await namesBelow(zk, 'assign')).join() === 'w2');
});

test('an at-most-once task of a dead worker is lost, and does not run again', async (context) => {
  const bench = await recipeBench(context);
  const [zk, doomed] = [await bench.connect(), await bench.connect()];
  const master = await startMaster(context, zk);
  const events = recorder(master);
  const [dying, healthy] = [new Gate(), new Gate()];
  const victim = await startWorker(context, doomed, dying.work, { name: 'w1' });
  victim.on('error', () => {});
  const client = new TaskClient<string, string>(zk, base);
  const task = await client.submit('x', { delivery: 'at-most-once' });
  await until(zk, () => dying.begun.length === 1);
  await startWorker(context, zk, healthy.work, { name: 'w2' });
  await bench.expire(doomed);
  assert.deepEqual(await events.next('lost'), { type: 'lost', task: task.name, worker: 'w1' });
  assert.deepEqual(await task.outcome(), { state: 'lost', worker: 'w1' });
  const error = await refused(task.result(), 'LOST');
  assert.match(error.message, /once-.* is lost, because w1 is gone and may have begun it/);
  assert.deepEqual(healthy.begun, []);
});

test('a deposed master cannot assign, and stands for election again', async (context) => {
  const bench = await recipeBench(context);
  const [zk, operator] = [await bench.connect(), await bench.connect()];
  const master = await startMaster(context, zk, { name: 'm1' });
  const events = recorder(master);
  await events.next('leading');
  const { leadership } = master;
  // another master begins a term, although the node of the first one still exists
  await operator.set('/jobs/epoch', 'another');
  await operator.create('/jobs/workers/w', 'x', { mode: 'EPHEMERAL' });
  await operator.create('/jobs/tasks/task-1', 'x');
  await events.next('standby');
  assert.equal(leadership?.signal.aborted, true);
  assert.equal(leadership?.signal.reason.code, 'LOST');
  assert.deepEqual(await namesBelow(operator, 'assign/w'), []);
  // the node of the first term is not deleted, because it could belong to another master by now
  await operator.delete('/jobs/master');
  await events.next('leading');
  await events.next('assigned');
});

test('a master whose node an operator deletes stops, and the next term begins', async (context) => {
  const bench = await recipeBench(context);
  const [zk, operator] = [await bench.connect(), await bench.connect()];
  const master = await startMaster(context, zk);
  const events = recorder(master);
  const { token } = await events.next('leading');
  await operator.delete('/jobs/master');
  await events.next('standby');
  assert.ok((await events.next('leading')).token > token);
});

test('a release passes the leadership to the backup', async (context) => {
  const bench = await recipeBench(context);
  const [zk, other] = [await bench.connect(), await bench.connect()];
  const master = await startMaster(context, zk);
  await once(master, 'leading');
  const backup = await startMaster(context, other);
  await until(other, async () => (await other.children('/jobs/masters')).children.length === 2);
  const leading = once(backup, 'leading');
  const hold = master.leadership!;
  await hold.release();
  await leading;
  await refused(hold.release(), 'NOT_HELD');
  assert.equal(master.leadership, undefined);
});

test('after an expiry, master, worker and client continue with the new session of their client', async (context) => {
  const bench = await recipeBench(context);
  const observer = await bench.connect();
  const options = { renewSession: true, sessionTimeoutMs: 2000 };
  const [m, w, c] = [await bench.connect(options), await bench.connect(options), await bench.connect(options)];
  const master = await startMaster(context, m);
  const gate = new Gate();
  const worker = await startWorker(context, w, gate.work, { name: 'w1' });
  const [masterEvents, workerEvents] = [recorder(master), recorder(worker)];
  const client = new TaskClient<string, string>(c, base);
  const task = await client.submit('x');
  const result = task.result();
  await until(observer, () => gate.begun.length === 1);
  await bench.expire(c);
  await bench.expire(m);
  await masterEvents.next('standby');
  await masterEvents.next('leading');
  await bench.expire(w);
  await workerEvents.next('unregistered');
  await workerEvents.next('registered');
  await until(observer, () => gate.begun.length === 2);
  gate.open('x');
  assert.equal(await result, `x by ${task.name}`);
  assert.deepEqual(gate.aborted, ['x']);
  assert.equal(await (await client.submit('y', { id: 'y' })).cancel(), true);
});

test('without a new session, a master ends with an error, and its waiting start rejects', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const master = new Master(zk, base);
  await master.start();
  const failed = once(master, 'error');
  await bench.expire(zk);
  assert.equal((await failed)[0].code, 'SESSIONEXPIRED');
  await refused(master.start(), 'CLOSED');
  await master.close();
  await refused(new Worker(zk, base, () => 1).start(), 'SESSIONEXPIRED');
});

test('a master that loses its connection for a short time stays the master, and repairs its picture', async (context) => {
  const bench = await recipeBench(context);
  const observer = await bench.connect();
  const { zk, network } = await disturbed(bench);
  const master = await startMaster(context, zk);
  const events = recorder(master);
  const { token } = await events.next('leading');
  network.refuse();
  network.cut();
  await observer.create('/jobs/workers/w', 'x', { mode: 'EPHEMERAL' });
  await observer.create('/jobs/tasks/task-1', 'x');
  network.accept();
  await events.next('assigned');
  assert.equal(master.leadership?.token, token);
  assert.deepEqual(await namesBelow(observer, 'assign/w'), ['task-1']);
});

/** Starts a candidate that takes over when a person deletes the master node. The reply to the takeover is lost. */
async function loseTakeOver(context: TestContext) {
  const bench = await recipeBench(context);
  const observer = await bench.connect();
  const { zk, network } = await disturbed(bench);
  await observer.create(base);
  await observer.create('/jobs/master', 'person', { mode: 'EPHEMERAL' });
  const master = await startMaster(context, zk, { name: 'm' });
  await until(observer, async () => zk.stats().watches.exists + zk.stats().watches.data > 0);
  // this callback runs before the candidate sends its next request
  await zk.addWatch('/jobs/master', ({ type }) => type === 'NodeDeleted' && network.loseReplies());
  await observer.delete('/jobs/master');
  await until(observer, async () => (await observer.exists('/jobs/master')) !== null);
  return { observer, master, network };
}

test('a takeover whose reply is lost is found, and not repeated', async (context) => {
  const { observer, master, network } = await loseTakeOver(context);
  const events = recorder(master);
  network.cut();
  await events.next('leading');
  assert.equal((await observer.get('/jobs/epoch')).stat.version, 1);
  assert.equal(String((await observer.get('/jobs/master')).data), 'm');
});

test('a master that is closed during its takeover leaves no node', async (context) => {
  const { observer, master, network } = await loseTakeOver(context);
  const closed = master.close();
  network.cut();
  await closed;
  assert.equal(await observer.exists('/jobs/master'), null);
});
