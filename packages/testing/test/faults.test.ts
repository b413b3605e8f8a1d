import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { connect, ZooKeeperError } from '@nodekeeper/client';
import { type EnsembleOptions, startEnsemble, startServer } from '../src/index.js';

const transports = ['ports', 'memory'] as const;
const lost = (error: unknown) => ZooKeeperError.is(error, 'CONNECTIONLOSS');

for (const transport of transports) {
  const on = `on ${transport}`;
  const ensembleOf3 = (options: EnsembleOptions = {}) => startEnsemble(3, { transport, ...options });

  test(`${on}: a server serves its clients`, async () => {
    await using server = await startServer({ transport });
    const zk = await server.connect();
    await zk.create('/a', 'data');
    assert.equal(String((await zk.get('/a')).data), 'data');
    assert.equal(server.leader?.mode, 'standalone');
  });

  test(`${on}: the servers of an ensemble replicate what a client writes`, async () => {
    await using ensemble = await ensembleOf3({ observers: 1 });
    const [writer, reader] = [await ensemble.connect({ server: 1 }), await ensemble.connect({ server: 4 })];
    await writer.create('/a', 'data');
    await reader.sync('/');
    assert.equal(String((await reader.get('/a')).data), 'data');
    const modes = ensemble.servers.map(({ mode }) => mode).sort();
    assert.deepEqual(modes, ['follower', 'follower', 'leader', 'observer']);
  });

  test(`${on}: expireSession ends the session, its ephemeral nodes and its client`, async () => {
    await using server = await startServer({ transport });
    const [zk, witness] = [await server.connect(), await server.connect()];
    await zk.create('/a', '', { mode: 'EPHEMERAL' });
    await server.expireSession(zk);
    assert.equal(zk.state, 'CLOSED');
    assert.equal(await witness.exists('/a'), null);
    await assert.rejects(zk.exists('/'), (error) => ZooKeeperError.is(error, 'SESSIONEXPIRED'));
  });

  test(`${on}: a client with renewSession has a new session after expireSession`, async () => {
    await using server = await startServer({ transport });
    const zk = await server.connect({ renewSession: true });
    const { id } = zk.session;
    await server.expireSession(zk);
    await server.clock.until(zk.connected());
    assert.notEqual(zk.session.id, id);
  });

  test(`${on}: another server leads after the crash of the leader, and the crashed server comes back`, async () => {
    await using ensemble = await ensembleOf3();
    const zk = await ensemble.connect();
    await zk.create('/a');
    const first = ensemble.leader!;
    ensemble.crash(first);
    assert.equal(first.isRunning, false);
    const second = await ensemble.waitForLeader({ not: first });
    assert.notEqual(second.id, first.id);
    await ensemble.clock.until(zk.create('/b').catch(() => zk.exists('/b')));
    await ensemble.restart(first);
    assert.equal(first.mode, 'follower');
    const back = await ensemble.connect({ server: first.id });
    assert.deepEqual((await back.children('/')).children.sort(), ['a', 'b', 'zookeeper']);
  });

  test(`${on}: a crashed server keeps its files`, async () => {
    await using server = await startServer({ transport });
    const zk = await server.connect();
    await zk.create('/a', 'kept');
    server.crash();
    await server.clock.until(once(zk, 'Disconnected'));
    await server.restart();
    await server.clock.until(zk.connected());
    assert.equal(String((await zk.get('/a')).data), 'kept');
  });

  test(`${on}: a leader that is cut off loses its followers, and joins them after heal`, async () => {
    await using ensemble = await ensembleOf3();
    const first = ensemble.leader!;
    const others = ensemble.servers.filter((server) => server !== first);
    ensemble.partition(first, others);
    const second = await ensemble.waitForLeader({ not: first });
    assert.notEqual(second.id, first.id);
    ensemble.heal();
    await ensemble.untilServing();
    await ensemble.waitForLeader();
    assert.equal(ensemble.servers.filter(({ mode }) => mode === 'leader').length, 1);
  });

  test(`${on}: a partition between a client and the server holds its messages until heal`, async () => {
    await using server = await startServer({ transport });
    const zk = await server.connect({ sessionTimeoutMs: 60_000 });
    server.partition(zk, 1);
    let isDone = false;
    const created = zk.create('/a').then(() => {
      isDone = true;
    });
    const witness = await server.connect();
    for (let round = 0; round < 5; round++) assert.equal(await witness.exists('/a'), null);
    assert.equal(isDone, false);
    server.heal();
    await created;
  });

  test(`${on}: disconnect loses replies, and the client comes back to its session`, async () => {
    await using server = await startServer({ transport });
    const zk = await server.connect();
    const { id } = zk.session;
    const creating = zk.create('/a');
    server.disconnect(zk);
    await assert.rejects(server.clock.until(creating), lost);
    await server.clock.until(zk.connected());
    assert.equal(zk.session.id, id);
  });

  test(`${on}: loseReplies lets a request be carried out, and its client not know`, async () => {
    await using server = await startServer({ transport });
    const [zk, witness] = [await server.connect(), await server.connect()];
    server.loseReplies(zk);
    const creating = assert.rejects(zk.create('/a'), lost);
    while ((await witness.exists('/a')) === null);
    server.disconnect(zk);
    await server.clock.until(creating);
    await server.clock.until(zk.exists('/a'));
  });

  test(`${on}: a fake clock of the test runner stops neither servers nor clients`, async (context) => {
    await using ensemble = await ensembleOf3();
    const zk = await ensemble.connect();
    context.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] });
    const first = ensemble.leader!;
    ensemble.crash(first);
    await ensemble.waitForLeader({ not: first });
    await ensemble.clock.until(zk.exists('/').catch(() => zk.exists('/')));
  });

  test(`${on}: a paused server answers when it resumes`, async () => {
    await using server = await startServer({ transport });
    const zk = await server.connect({ sessionTimeoutMs: 60_000 });
    server.pause();
    const created = zk.create('/a');
    const winner = await Promise.race([created, new Promise((resolve) => setTimeout(resolve, 20, 'nothing'))]);
    assert.equal(winner, 'nothing');
    server.resume();
    await created;
  });

  test(`${on}: a slow disk delays writes, not reads`, async () => {
    await using server = await startServer({ transport });
    const zk = await server.connect();
    await zk.create('/a');
    server.slowDisk(50);
    const startMs = server.clock.nowMs;
    assert.notEqual(await zk.exists('/a'), null);
    await server.clock.until(zk.create('/b'));
    assert.ok(server.clock.nowMs - startMs >= 50, `${server.clock.nowMs - startMs} ms`);
    server.heal();
    await zk.create('/c');
  });

  test(`${on}: a member whose disk fails ends, and the others continue`, async () => {
    await using ensemble = await ensembleOf3();
    const follower = ensemble.servers.find(({ mode }) => mode === 'follower')!;
    const zk = await ensemble.connect({ server: ensemble.leader!.id });
    ensemble.failDisk(follower);
    await zk.create('/a');
    await ensemble.clock.until(zk.create('/b'));
    for (let round = 0; follower.isRunning && round < 1000; round++) await ensemble.clock.until(zk.exists('/'));
    assert.match(follower.failure ?? '', /EIO/);
    ensemble.heal();
    await ensemble.restart(follower);
    assert.equal(follower.mode, 'follower');
  });

  test(`${on}: a server whose disk is full acknowledges no write until heal`, async () => {
    await using server = await startServer({ transport });
    const [zk, reader] = [await server.connect(), await server.connect()];
    server.fullDisk();
    let isDone = false;
    const created = zk.create('/a').then(() => {
      isDone = true;
    });
    for (let round = 0; round < 5; round++) assert.notEqual(await reader.exists('/zookeeper'), null);
    assert.equal(isDone, false);
    server.heal();
    await server.clock.until(created);
  });

  test(`${on}: a server needs a name if there are several`, async () => {
    await using ensemble = await ensembleOf3();
    assert.throws(() => ensemble.crash(), { message: 'crash: say which server, 1 to 3' });
    assert.throws(() => ensemble.crash(4), { message: 'crash: there is no server 4; there are servers 1 to 3' });
  });
}

test('a TCP client of any kind connects, and a partition of the clients cuts it off', async () => {
  await using server = await startServer();
  const zk = await connect(server.connectString, { sessionTimeoutMs: 60_000 });
  try {
    await zk.create('/a');
    server.partition('clients', 1);
    const created = zk.create('/b');
    const witness = await server.connect();
    for (let round = 0; round < 5; round++) assert.equal(await witness.exists('/b'), null);
    server.heal();
    await created;
    assert.throws(() => server.partition(zk, 1), /connect\(\) did not make this client/);
  } finally {
    await zk.close();
  }
});

test('clients that outlive their server lose the connection, even through a partition', async () => {
  const server = await startServer();
  const tcp = await connect(server.connectString);
  const own = await connect(server.connectString, { ports: server.ports() });
  server.partition('clients', 1);
  const gone = [tcp, own].map((zk) => once(zk, 'Disconnected'));
  await server.close();
  await Promise.all(gone);
  await Promise.all([tcp.close(), own.close()]);
});

test('a server keeps its files in a temporary directory, and deletes them at the end', async () => {
  const before = temporaryDirectories();
  await using server = await startServer({ disk: 'directory' });
  const created = temporaryDirectories().filter((name) => !before.includes(name));
  assert.equal(created.length, 1);
  const zk = await server.connect();
  await zk.create('/a', 'kept');
  const lostConnection = once(zk, 'Disconnected');
  server.crash();
  await lostConnection;
  await server.restart();
  await zk.connected();
  assert.equal(String((await zk.get('/a')).data), 'kept');
  await server.close();
  assert.equal(temporaryDirectories().includes(created[0]!), false);
});

function temporaryDirectories(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`nodekeeper-${process.pid}-`));
}

test('a mode that lacks a fault or an option says which mode has it', async () => {
  await using real = await startServer();
  await assert.rejects(real.clock.advance(1), /Start with transport: 'memory'/);
  await using memory = await startServer({ transport: 'memory' });
  assert.throws(() => memory.partition('clients', 1), /only the transport 'ports' has/);
  await assert.rejects(startServer({ transport: 'memory', disk: 'directory' }), /needs transport 'ports'/);
  await assert.rejects(startServer({ transport: 'memory', port: 1 }), /needs transport 'ports'/);
  await assert.rejects(startEnsemble(1), /the size must be 2 to 15, not 1/);
  const unknown = { transports: 'memory' } as object;
  await assert.rejects(startServer(unknown), { message: 'startServer: there is no option transports' });
  await assert.rejects(startServer({ seed: 1 }), /needs transport 'memory'/);
  const config = { dataDir: '/tmp' } as object;
  await assert.rejects(startServer({ config }), /config\.dataDir cannot be set/);
});
