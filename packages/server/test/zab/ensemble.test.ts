import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerConfig } from '../../src/config/server-config.js';
import { createRequest } from '../support/test-client.js';
import { TestEnsemble, type TestMember } from '../support/test-ensemble.js';

function sameTrees(ensemble: TestEnsemble): void {
  const digests = ensemble.members.filter(({ isUp }) => isUp).map(({ database }) => database.tree.digest.toBigInt());
  assert.equal(new Set(digests).size, 1, `digests differ: ${digests.join(', ')}\n${ensemble.story()}`);
}

/** Starts three servers and waits until they serve. Returns the leader and one of the two followers. */
function serving(config: Partial<ServerConfig> = {}): {
  ensemble: TestEnsemble;
  leader: TestMember;
  follower: TestMember;
} {
  const ensemble = new TestEnsemble(3, { config });
  ensemble.start();
  const leader = ensemble.untilServing();
  return { ensemble, leader, follower: ensemble.members.find((member) => member !== leader)! };
}

test('three servers elect a leader, and a write through one of them is visible on all', () => {
  const { ensemble, leader } = serving();
  for (const id of [1, 2, 3]) {
    const client = ensemble.connect(id);
    assert.equal(client.create(`/from-${id}`, `by ${id}`).err, 0);
    assert.equal(client.text(`/from-${id}`), `by ${id}`);
  }
  for (const id of [1, 2, 3]) {
    const client = ensemble.connect(id);
    assert.deepEqual(client.children('/'), ['from-1', 'from-2', 'from-3', 'zookeeper']);
    assert.equal(client.call('sync', { path: '/' }).err, 0);
  }
  assert.equal(leader.epochs.current, 1);
  sameTrees(ensemble);
});

test('a leader that crashes is replaced, and nothing acknowledged is lost', () => {
  const { ensemble, leader } = serving();
  const client = ensemble.connect(leader.id);
  for (let index = 0; index < 20; index++) assert.equal(client.create(`/n${index}`).err, 0);
  leader.crash(() => 0.5);
  ensemble.until('another leads', () => ensemble.leader !== undefined && ensemble.leader !== leader);
  const next = ensemble.untilServing();
  const other = ensemble.connect(next.id);
  assert.equal(other.children('/')!.length, 21);
  assert.equal(other.create('/after').err, 0);
  leader.start();
  ensemble.untilServing();
  const back = ensemble.connect(leader.id);
  assert.equal(back.children('/')!.length, 22);
  sameTrees(ensemble);
});

test('a follower serves more pipelined requests than it admits at once', () => {
  const { ensemble, follower } = serving();
  const client = ensemble.connect(follower.id);
  for (let index = 0; index < 3000; index++) client.send('create', createRequest(`/n${index}`));
  ensemble.advance(1000);
  const replies = client.replies();
  assert.equal(replies.length, 3000);
  assert(replies.every(({ err }) => err === 0));
  assert.equal(follower.clients.outstanding, 0);
  sameTrees(ensemble);
});

test("R-16 a learner whose tree differs from the leader's gets a snapshot", () => {
  const { ensemble, leader, follower } = serving();
  assert.equal(ensemble.connect(leader.id).create('/a', 'right').err, 0);
  const { tree } = follower.database;
  const node = tree.findPath('/a');
  tree.replaceData(node, Buffer.from('wrong'), 0, 5);
  tree.nodeDigests.dataChanged(node);
  assert.equal(ensemble.connect(leader.id).create('/b').err, 0);
  ensemble.advance(3000);
  ensemble.untilServing();
  assert.equal(ensemble.connect(follower.id).text('/a'), 'right');
  sameTrees(ensemble);
});

for (const [what, observers] of [
  ['a voter', []],
  ['an observer', [4]],
] as const) {
  test(`${what} that has accepted a later epoch than the leader joins after one election`, () => {
    const ensemble = new TestEnsemble(3 + observers.length, { observers });
    ensemble.start();
    const leader = ensemble.untilServing();
    const late = ensemble.members.findLast((member) => member !== leader)!;
    assert.equal(ensemble.connect(leader.id).create('/a').err, 0);
    // as if this server had accepted the epochs of leaders that did not get a quorum
    late.epochs.accepted = 40;
    late.crash(() => 0.5);
    ensemble.advance(100);
    late.start();
    ensemble.until('it serves', () => late.clients.isServing, 2000);
    assert.equal(ensemble.untilServing().epochs.current, 41);
    const resigned = ensemble.members
      .flatMap(({ logged }) => logged)
      .filter((line) => /cannot follow in epoch 1:/.test(line));
    assert.deepEqual(resigned, [
      `WARN The term is over: server ${late.id} has accepted epoch 40 and cannot follow in epoch 1: the ensemble needs a later epoch`,
    ]);
    assert.deepEqual(ensemble.connect(late.id).children('/'), ['a', 'zookeeper']);
    sameTrees(ensemble);
  });
}

test('a leader does not resign for a voter whose history would win the election, because no quorum has that history', () => {
  const { ensemble, leader, follower: stranger } = serving();
  stranger.epochs.accepted = 40;
  stranger.epochs.current = 39;
  stranger.crash(() => 0.5);
  ensemble.advance(100);
  stranger.start();
  ensemble.advance(10_000);
  assert.equal(ensemble.leader, leader);
  assert.equal(leader.epochs.current, 1);
  assert(!stranger.clients.isServing);
});

test('observers follow without a vote, and their clients write through them', () => {
  const ensemble = new TestEnsemble(4, { observers: [4] });
  ensemble.start();
  ensemble.untilServing();
  assert.equal(ensemble.member(4).view.mode, 'observer');
  const client = ensemble.connect(4);
  assert.equal(client.create('/by-an-observer', 'x').err, 0);
  assert.equal(client.call('sync', { path: '/' }).err, 0);
  assert.equal(client.text('/by-an-observer'), 'x');
  for (const id of [1, 2, 3]) assert.equal(ensemble.connect(id).text('/by-an-observer'), 'x');
  ensemble.advance(500);
  sameTrees(ensemble);
});

test('a session continues at another server with its ephemerals, and its old server cannot use it any more', () => {
  const ensemble = new TestEnsemble(3);
  ensemble.start();
  ensemble.untilServing();
  const first = ensemble.connect(1, { timeoutMs: 4000 });
  assert.equal(first.create('/mine', '', { flags: 1 }).err, 0);
  const { sessionId, passwd } = first.response!;
  const second = ensemble.connect(2, { sessionId, passwd, timeoutMs: 4000 });
  assert.equal(second.response?.sessionId, sessionId);
  assert.equal(second.exists('/mine').body.stat.ephemeralOwner, sessionId);
  first.send('create', createRequest('/too-late'));
  ensemble.advance(200);
  assert.equal(first.isClosed, true);
  assert.equal(second.exists('/too-late').err, -101);
  ensemble.advance(10_000);
  assert.equal(ensemble.connect(3).exists('/mine').err, -101, 'no client sent a ping, so the session has expired');
});

test('a closeSession through a server that the client has left is refused', () => {
  const ensemble = new TestEnsemble(3);
  ensemble.start();
  ensemble.untilServing();
  const first = ensemble.connect(1, { timeoutMs: 4000 });
  assert.equal(first.create('/mine', '', { flags: 1 }).err, 0);
  const { sessionId, passwd } = first.response!;
  const second = ensemble.connect(2, { sessionId, passwd, timeoutMs: 4000 });
  first.send('closeSession');
  ensemble.advance(200);
  assert.equal(first.isClosed, true);
  assert.equal(second.exists('/mine').body.stat.ephemeralOwner, sessionId);
  assert.equal(second.call('closeSession').err, 0);
  assert.equal(ensemble.connect(3).exists('/mine').err, -101);
});

test("R-15 a learner drops a history that came as the leader's snapshot, and is in no log, only for another snapshot", () => {
  const ensemble = new TestEnsemble(5);
  const [one, two, three] = [ensemble.member(1), ensemble.member(2), ensemble.member(3)];
  const [four, five] = [ensemble.member(4), ensemble.member(5)];
  for (const member of [one, two, three, five]) member.start();
  const old = ensemble.untilServing();
  assert.equal(old, five);
  const names = ensemble.members.map(({ name }) => name);
  const client = ensemble.connect(old.id, { timeoutMs: 4000 });
  for (let index = 0; index < 5; index++) assert.equal(client.create(`/kept-${index}`).err, 0);
  // only the leader logs the create of /lost, because the leader is cut off from all followers
  ensemble.peers.isolate(old.name, names);
  client.send('create', createRequest('/lost'));
  ensemble.advance(20);
  for (const member of [one, two, three, five]) member.crash(() => 0.99);
  ensemble.peers.heal();
  // server 4 starts for the first time, and gets a snapshot that contains /lost; then the ensemble crashes
  for (const member of [one, four, five]) member.start();
  one.isDiskHeld = true;
  ensemble.until('server 4 has the snapshot', () => four.epochs.current === 2);
  for (const member of [one, four, five]) member.crash(() => 0);
  one.isDiskHeld = false;
  for (const member of [one, two, three]) member.start();
  const next = ensemble.untilServing();
  four.start();
  ensemble.untilServing();
  assert(!ensemble.connect(next.id).children('/')!.includes('lost'));
  assert.match(four.logged.join('\n'), /no files hold a history that ends at 0x100000006/);
  sameTrees(ensemble);
  assert.equal(ensemble.connect(next.id).create('/new').err, 0);
  ensemble.advance(200);
  four.crash(() => 0);
  four.start();
  ensemble.untilServing();
  sameTrees(ensemble);
});

test('a follower that lacks more than the leader keeps in memory gets a SNAP, and another one gets a DIFF', () => {
  const { ensemble, leader } = serving({ snapshotSizeFactor: -1 });
  const [near, far] = ensemble.members.filter((member) => member !== leader) as [TestMember, TestMember];
  far.stop();
  const client = ensemble.connect(leader.id, { timeoutMs: 4000 });
  for (let index = 0; index < 700; index++) client.send('create', createRequest(`/n${index}`));
  ensemble.advance(500);
  assert.equal(client.replies().length, 700);
  far.start();
  ensemble.untilServing();
  assert(
    far.logged.some((line) => line.includes('SNAP')),
    ensemble.story(),
  );
  near.stop();
  assert.equal(ensemble.connect(leader.id).create('/later').err, 0);
  near.start();
  ensemble.untilServing();
  assert(near.logged.findLast((line) => line.includes('Synchronising'))!.includes('DIFF'), ensemble.story());
  sameTrees(ensemble);
});

test('R-1 ZK-2845 the old leader removes transactions that only it has logged when it returns', () => {
  const { ensemble, leader } = serving();
  const names = ensemble.members.map(({ name }) => name);
  const client = ensemble.connect(leader.id, { timeoutMs: 4000 });
  assert.equal(client.create('/kept').err, 0);
  ensemble.peers.isolate(leader.name, names);
  client.send('create', createRequest('/lost'));
  ensemble.until('another leads', () => ensemble.leader !== undefined && ensemble.leader !== leader);
  const next = ensemble.leader!;
  assert.equal(ensemble.connect(next.id).create('/new').err, 0);
  ensemble.peers.heal();
  ensemble.until('the old leader follows', () => leader.clients.isServing && leader.view.mode === 'follower');
  ensemble.advance(1000);
  assert.deepEqual(ensemble.connect(leader.id).children('/'), ['kept', 'new', 'zookeeper']);
  leader.crash(() => 0.5);
  leader.start();
  ensemble.untilServing();
  assert.deepEqual(ensemble.connect(leader.id).children('/'), ['kept', 'new', 'zookeeper']);
  sameTrees(ensemble);
});

test('R-11 a learner that received proposals during its snapshot has all of them after a restart', () => {
  const { ensemble, leader, follower: joiner } = serving();
  joiner.stop();
  const client = ensemble.connect(leader.id, { timeoutMs: 4000 });
  for (let index = 0; index < 700; index++) client.send('create', createRequest(`/n${index}`, 'x'.repeat(2000)));
  ensemble.advance(500);
  joiner.start();
  let sent = 0;
  ensemble.until('the joiner serves', () => {
    client.send('create', createRequest(`/during-${sent++}`));
    return joiner.clients.isServing;
  });
  ensemble.advance(100);
  assert(
    joiner.logged.some((line) => line.includes('SNAP')),
    ensemble.story(),
  );
  joiner.crash(() => 0.5);
  joiner.start();
  ensemble.untilServing();
  ensemble.advance(200);
  sameTrees(ensemble);
});

for (const [what, ids] of [
  ['the next leader', [3]],
  ['a quorum', [1, 2]],
] as const) {
  test(`4.2.3 with reconfigEnabled a newer configuration that ${what} knows reaches every member`, () => {
    const ensemble = new TestEnsemble(3, { config: { reconfigEnabled: true } });
    for (const id of ids) ensemble.configVersions.set(id, 0x100000000);
    ensemble.start();
    ensemble.untilServing();
    for (const { id: each } of ensemble.members) {
      assert.match(ensemble.connect(each).text('/zookeeper/config')!, /version=100000000$/);
    }
    ensemble.connect(1).create('/a');
    sameTrees(ensemble);
    ensemble.leader!.crash(() => 0.5);
    ensemble.until('another leads', () => ensemble.leader !== undefined);
    ensemble.start();
    ensemble.untilServing();
  });
}
