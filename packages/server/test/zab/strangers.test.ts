import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { makeZxid, Writer } from '@nodekeeper/protocol';
import { createMember, EnsembleConfig } from '../../src/membership/index.js';
import { encodeHello } from '../../src/zab/election-hello.js';
import { encodePacket, PacketType } from '../../src/zab/packets.js';
import { createMembers, createServers, freePorts, RealMember, waitUntil } from '../support/real-ensemble.js';
import { temporaryDirectory } from '../support/real-server.js';
import { createRequest } from '../support/test-client.js';

const host = '127.0.0.1';
const garbage = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.padEnd(4096, 'x'));

interface Scene {
  readonly servers: readonly RealMember[];
  readonly leader: RealMember;
  readonly followers: readonly RealMember[];
}

/** Starts three servers and waits until they serve. Server 2 leads, because server 3 starts after the election. */
async function serving(context: TestContext): Promise<Scene> {
  const servers = createServers(context, await createMembers(3));
  const [one, two, three] = [servers[0]!, servers[1]!, servers[2]!];
  await Promise.all([one.start(), two.start()]);
  await waitUntil('a leader', async () => (await two.mode()) === 'leader');
  await three.start();
  await waitUntil('all to serve', async () => (await one.mode()) === 'follower' && (await three.mode()) === 'follower');
  return { servers, leader: two, followers: [one, three] };
}

/** Sends bytes to a port, and waits until the server closes the connection. */
function callAs(stranger: Buffer, port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => socket.write(stranger));
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.resume();
  });
}

/**
 * Returns the lines that the servers log during `work`. Asserts that `work` does not disturb the ensemble: no server
 * looks for a leader.
 */
async function unnoticed({ servers, leader, followers }: Scene, work: () => Promise<void>): Promise<string[]> {
  const client = await followers[0]!.connect();
  const starts = servers.map(({ logged }) => logged.length);
  await work();
  const lines = servers.flatMap(({ id, logged }, index) => logged.slice(starts[index]).map((line) => `${id} ${line}`));
  assert.equal((await client.call('setData', { path: '/', data: null, version: -1 })).err, 0);
  client.destroy();
  assert.equal(await leader.mode(), 'leader');
  const events = lines.filter((line) => /LOOKING|LEADING|FOLLOWING|term is over/.test(line));
  assert.deepEqual(events, [], 'the ensemble was disturbed');
  return lines.filter((line) => !/DEBUG/.test(line));
}

const refusals = (lines: readonly string[]) => lines.filter((line) => line.includes('WARN'));

test('garbage on the election port is refused with one line', async (context) => {
  const scene = await serving(context);
  const { electionPort } = scene.leader.addresses[0]!;
  const lines = await unnoticed(scene, () => callAs(garbage, electionPort));
  assert.equal(refusals(lines).length, 1, lines.join('\n'));
  assert.match(lines[0]!, /Refusing a connection from 127\.0\.0\.1 to the election port: \d+ is not a valid server id/);
  const binary = await unnoticed(scene, () => callAs(Buffer.alloc(4096, 0xfe), electionPort));
  assert.equal(refusals(binary).length, 1, binary.join('\n'));
  assert.match(binary[0]!, /Refusing a connection from 127\.0\.0\.1 to the election port: version .* is unknown/);
});

test('garbage on the quorum port is refused with one line', async (context) => {
  const scene = await serving(context);
  const { quorumPort } = scene.leader.addresses[0]!;
  for (const bytes of [garbage, Buffer.alloc(4096, 0xfe)]) {
    const lines = await unnoticed(scene, () => callAs(bytes, quorumPort));
    assert.equal(refusals(lines).length, 1, lines.join('\n'));
    assert.match(lines[0]!, /Refusing a connection from 127\.0\.0\.1 to the quorum port: packet of unknown type/);
  }
});

test('a learner with an epoch that has no successor is refused with one line', async (context) => {
  const scene = await serving(context);
  const info = new Writer(20);
  info.long(3);
  info.int(0x10000);
  info.long(0);
  const packet = encodePacket(PacketType.followerInfo, makeZxid(2 ** 21 - 1, 0), info.view());
  const lines = await unnoticed(scene, () => callAs(packet, scene.leader.addresses[0]!.quorumPort));
  assert.equal(refusals(lines).length, 1, lines.join('\n'));
  assert.match(lines[0]!, /to the quorum port: it has accepted epoch 2097151, and the last possible one is 2097151/);
});

test('a connection to the election port without a hello is closed, with one line', async (context) => {
  const scene = await serving(context);
  const lines = await unnoticed(scene, () => callAs(Buffer.from([0xff]), scene.leader.addresses[0]!.electionPort));
  assert.equal(refusals(lines).length, 1, lines.join('\n'));
  assert.match(
    lines[0]!,
    /Refusing a connection from 127\.0\.0\.1 to the election port: it has not sent its server id in 3000 ms/,
  );
});

test('an election connection with malformed messages is closed, with one line', async (context) => {
  const scene = await serving(context);
  const follower = scene.followers[0]!;
  const hello = encodeHello(9, [{ host, port: 1 }]);
  const lines = await unnoticed(scene, () =>
    callAs(Buffer.concat([hello, garbage]), follower.addresses[0]!.electionPort),
  );
  assert(
    lines.some((line) => /Server 9 at 127\.0\.0\.1 is not in the configuration/.test(line)),
    lines.join('\n'),
  );
  assert(
    lines.some((line) => /Closing the election connection with server 9/.test(line)),
    lines.join('\n'),
  );
});

test('a server outside the configuration follows without a vote, as in ZooKeeper, and is logged once', async (context) => {
  const scene = await serving(context);
  const members = [...scene.leader.ensemble.members.values()];
  const unknown = await createMembers(1, 9);
  const nine = new RealMember(9, new EnsembleConfig([...members, ...unknown]), temporaryDirectory(context));
  context.after(() => nine.stop());
  const lines = await unnoticed(scene, async () => {
    await nine.start();
    await waitUntil('server 9 to serve', async () => (await nine.mode()) !== undefined);
  });
  const named = refusals(lines).filter((line) => line.startsWith(`${scene.leader.id} `));
  assert.equal(named.length, 1, lines.join('\n'));
  assert.match(named[0]!, /Server 9 at 127\.0\.0\.1 is not in the configuration: it has no vote/);
});

test('if two servers have one id, the one that already follows is kept', async (context) => {
  const scene = await serving(context);
  const three = scene.servers[2]!;
  const [quorumPort = 0, electionPort = 0] = await freePorts(2);
  const others = [...three.ensemble.members.values()].filter(({ id }) => id !== 3);
  const ensemble = new EnsembleConfig([...others, createMember(3, [{ host, quorumPort, electionPort }])]);
  const copy = new RealMember(3, ensemble, temporaryDirectory(context));
  context.after(() => copy.stop());
  const refused = () =>
    scene.leader.logged.some((line) => /to the quorum port: another server with the id 3 is connected/.test(line));
  const lines = await unnoticed(scene, async () => {
    await copy.start();
    await waitUntil('the copy to be refused', refused);
  });
  assert.equal(await copy.mode(), undefined);
  assert.equal(await three.mode(), 'follower', lines.join('\n'));
});

test('a hello with the id of the called server is refused, with the reason', async (context) => {
  const scene = await serving(context);
  const { id, addresses } = scene.leader;
  const lines = await unnoticed(scene, () => callAs(encodeHello(id, [{ host, port: 1 }]), addresses[0]!.electionPort));
  assert.equal(refusals(lines).length, 1, lines.join('\n'));
  assert.match(lines[0]!, new RegExp(`it has this server's id, ${id}: every server needs a myid of its own`));
});

test("a member with another ensemble's data does not join if it is ahead", async (context) => {
  const scene = await serving(context);
  const foreign = createServers(context, await createMembers(1, 3))[0]!;
  for (let term = 0; term < 3; term++) {
    // in each round, the start and the write together increase the epoch of the foreign server by one
    await foreign.start();
    const client = await foreign.connect();
    assert.equal((await client.call('create', createRequest(`/foreign-${term}`))).err, 0);
    client.destroy();
    await foreign.stop();
  }
  const three = scene.servers[2]!;
  await three.stop();
  const stranger = new RealMember(3, three.ensemble, foreign.directory);
  context.after(() => stranger.stop());
  const told = () =>
    stranger.logged.some((line) => /epoch 1 is over: this server has accepted 3, maybe in another ensemble/.test(line));
  await unnoticed({ ...scene, servers: scene.servers.slice(0, 2) }, async () => {
    await stranger.start();
    await waitUntil('the stranger to see it', told);
  });
  const client = await scene.leader.connect();
  assert.deepEqual((await client.call('getChildren', { path: '/', watch: false })).body.children, ['zookeeper']);
  client.destroy();
});

test("a member with another ensemble's data takes over this ensemble's data if it is not ahead", async (context) => {
  const scene = await serving(context);
  const foreign = createServers(context, await createMembers(1, 3))[0]!;
  await foreign.start();
  const abroad = await foreign.connect();
  assert.equal((await abroad.call('create', createRequest('/foreign'))).err, 0);
  abroad.destroy();
  await foreign.stop();
  const three = scene.servers[2]!;
  await three.stop();
  // The histories of the two ensembles end with the same zxid: both have one epoch and an equal number of transactions.
  const client = await scene.leader.connect();
  assert.equal((await client.call('create', createRequest('/ours'))).err, 0);
  const stranger = new RealMember(3, three.ensemble, foreign.directory);
  context.after(() => stranger.stop());
  await unnoticed({ ...scene, servers: scene.servers.slice(0, 2) }, () => stranger.start());
  await waitUntil('the stranger to have the data of this ensemble', async () => {
    assert.equal((await client.call('setData', { path: '/ours', data: null, version: -1 })).err, 0);
    const at = await stranger.connect();
    const { children } = (await at.call('getChildren', { path: '/', watch: false })).body;
    at.destroy();
    return children.toSorted().join() === 'ours,zookeeper';
  });
  client.destroy();
});
