import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomFrom } from '@nodekeeper/server/testing';
import type { ZooKeeperError } from '../../src/index.js';
import { failsWith, faultBench, sessionEvents, until } from '../support/fault-bench.js';

test('a request whose reply was lost fails with outcome unknown', async (context) => {
  const { proxy, witness, connect } = await faultBench(context);
  const client = await connect();
  proxy.stall('toClient');
  const create = client.create('/a', 'x');
  await until('the server has carried out the request', async () => (await witness.exists('/a')) !== null);
  proxy.cut();
  proxy.resume();
  await failsWith(create, 'CONNECTIONLOSS', 'unknown', /connection to 127\.0\.0\.1:\d+ was lost .*may have been/);
  assert.equal((await client.get('/a')).data?.toString(), 'x');
});

test('a request that never reached the server fails with outcome unknown, because the client cannot know', async (context) => {
  const { proxy, witness, connect } = await faultBench(context);
  const client = await connect();
  proxy.stall('toServer');
  const create = client.create('/a', 'x');
  setImmediate(() => proxy.reset());
  await failsWith(create, 'CONNECTIONLOSS', 'unknown');
  proxy.resume();
  await client.sync();
  assert.equal(await witness.exists('/a'), null);
});

test('a request that was not sent yet fails with outcome not-sent', async (context) => {
  const { proxy, witness, connect } = await faultBench(context);
  const client = await connect();
  const create = client.create('/a', 'x');
  client.updateServers('127.0.0.1:1');
  await failsWith(create, 'CONNECTIONLOSS', 'not-sent', /was not sent/);
  client.updateServers(`127.0.0.1:${proxy.port}`);
  await client.sync();
  assert.equal(await witness.exists('/a'), null);
});

test('requests before the loss all fail in order, and requests after it are all carried out in order', async (context) => {
  const { proxy, witness, connect } = await faultBench(context);
  const client = await connect();
  const settled: string[] = [];
  const make = (name: string) =>
    client.create(`/${name}`).then(
      () => settled.push(`${name} done`),
      (error: ZooKeeperError) => settled.push(`${name} ${error.code}`),
    );
  await proxy.refuse();
  proxy.stall();
  const before = ['a', 'b', 'c'].map(make);
  await until('the requests are sent', () => client.stats().pending === 3 && client.stats().requestsSent === 3);
  proxy.cut();
  await Promise.all(before);
  assert.deepEqual(settled.splice(0), ['a CONNECTIONLOSS', 'b CONNECTIONLOSS', 'c CONNECTIONLOSS']);
  const after = ['d', 'e', 'f'].map(make);
  assert.equal(client.stats().queued, 3);
  proxy.resume();
  await proxy.accept();
  await Promise.all(after);
  assert.deepEqual(settled, ['d done', 'e done', 'f done']);
  assert.deepEqual((await witness.children('/')).children.sort(), ['d', 'e', 'f', 'zookeeper']);
});

test('over many losses every request finishes once and is carried out at most once, in order', async (context) => {
  const { proxy, witness, connect } = await faultBench(context);
  const client = await connect();
  const seed = 20_261_125;
  const random = randomFrom(seed);
  await client.create('/q');
  const answers: (string | undefined)[] = [];
  const requests = 1500;
  const work: Promise<void>[] = [];
  for (let index = 0; index < requests; index++) {
    const answer = (text: string) => {
      assert.equal(answers[index], undefined, `request ${index} is answered twice (seed ${seed})`);
      answers[index] = text;
    };
    work.push(
      client.create('/q/n-', String(index), { mode: 'PERSISTENT_SEQUENTIAL' }).then(
        () => answer('done'),
        (error: ZooKeeperError) => answer(`${error.code} ${error.outcome}`),
      ),
    );
    const draw = random();
    if (draw < 0.01) proxy.cut();
    else if (draw < 0.02) proxy.reset();
    else if (draw < 0.025) proxy.resetInFrame();
    // without this wait, most faults would hit a client that is already disconnected
    if (draw < 0.02) await client.connected();
    if (draw < 0.2) await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(work);
  await client.sync();
  const { children } = await witness.children('/q');
  const nodes = await Promise.all(children.sort().map(async (name) => (await witness.get(`/q/${name}`)).data));
  const carriedOut = nodes.map(Number);
  assert.deepEqual(
    carriedOut,
    [...carriedOut].sort((one, other) => one - other),
    `in order (seed ${seed})`,
  );
  assert.equal(new Set(carriedOut).size, carriedOut.length, `none twice (seed ${seed})`);
  const done = new Set(carriedOut);
  answers.forEach((answer, index) => {
    const isKnown = answer === 'done' ? done.has(index) : answer === 'CONNECTIONLOSS unknown' || !done.has(index);
    assert.ok(isKnown, `request ${index}: ${answer}, and ${done.has(index) ? 'carried out' : 'not'} (seed ${seed})`);
    assert.match(answer!, /^(done|CONNECTIONLOSS (unknown|not-sent))$/);
  });
  assert.ok(client.stats().disconnects >= 10, `${client.stats().disconnects} losses`);
});

test('greeting, replies, events and large data can arrive in single bytes', async (context) => {
  const { proxy, witness, connect } = await faultBench(context);
  proxy.byteWise();
  const client = await connect({ auth: [{ scheme: 'digest', auth: 'bob:secret' }] });
  const large = 'x'.repeat(3000);
  const events: string[] = [];
  await client.addWatch('/', ({ type, path }) => events.push(`${type} ${path}`));
  await client.create('/a', large);
  await witness.set('/a', `${large}y`);
  const reads = await Promise.all([client.get('/a'), client.children('/'), client.whoAmI(), client.getAcl('/a')]);
  assert.equal(reads[0].data?.toString(), `${large}y`);
  assert.equal(reads[1].children.length, 2);
  assert.equal(reads[2].length, 2);
  const [one, two] = await client.transaction().create('/b').set('/a', 'z').commit();
  assert.deepEqual([one.path, two.version], ['/b', 2]);
  assert.deepEqual(events, ['NodeCreated /a', 'NodeDataChanged /a', 'NodeCreated /b', 'NodeDataChanged /a']);
});

test('a reset in the middle of a reply fails that request, and the next connection starts clean', async (context) => {
  const { proxy, connect } = await faultBench(context);
  const client = await connect();
  await client.create('/a', 'x'.repeat(2000));
  const events = sessionEvents(client);
  proxy.resetInFrame();
  const [first, second] = await Promise.allSettled([client.get('/a'), client.exists('/a')]);
  for (const result of [first, second]) {
    assert.ok(result.status === 'rejected');
    assert.deepEqual([result.reason.code, result.reason.outcome], ['CONNECTIONLOSS', 'unknown']);
  }
  assert.equal((await client.get('/a')).data?.length, 2000);
  assert.deepEqual(events, ['Disconnected', 'SyncConnected']);
});

test('a reset in the middle of the greeting leads to the next attempt', async (context) => {
  const { proxy, connect } = await faultBench(context);
  const client = await connect();
  await proxy.refuse();
  proxy.cut();
  await until('the client is disconnected', () => client.state === 'CONNECTING');
  proxy.stall('toClient');
  await proxy.accept();
  const accepted = proxy.accepted;
  await until('the client greets again', () => proxy.accepted > accepted && proxy.open > 0);
  proxy.resetInFrame();
  proxy.resume();
  await client.connected();
  await client.sync();
  assert.ok(client.stats().failedConnects >= 1);
  assert.equal(client.stats().connects, 2);
});
