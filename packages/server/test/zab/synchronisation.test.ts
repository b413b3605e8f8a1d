import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerConfig } from '../../src/config/server-config.js';
import { DiskError } from '../../src/ports/disk.js';
import type { SyncOptions } from '../../src/zab/sync-policy.js';
import { createRequest } from '../support/test-client.js';
import { TestEnsemble, type TestMember } from '../support/test-ensemble.js';

interface Setting {
  readonly size?: number;
  readonly observers?: readonly number[];
  readonly config?: Partial<ServerConfig>;
  readonly sync?: Partial<SyncOptions>;
}

function serving({ size = 3, ...options }: Setting): { ensemble: TestEnsemble; leader: TestMember } {
  const ensemble = new TestEnsemble(size, options);
  ensemble.start();
  return { ensemble, leader: ensemble.untilServing() };
}

/**
 * Returns the kind of each synchronisation in a member's log, for example DIFF. The last element is the most recent.
 */
function syncsOf(member: TestMember): string[] {
  return member.logged.flatMap((line) => /Synchronising with server \d+: (\w+)/.exec(line)?.[1] ?? []);
}

function write(ensemble: TestEnsemble, leader: TestMember, name: string, count: number): void {
  const client = ensemble.connect(leader.id, { timeoutMs: 4000 });
  for (let index = 0; index < count; index++) client.send('create', createRequest(`/${name}${index}`, 'x'.repeat(300)));
  ensemble.advance(500);
  assert.equal(client.replies().length, count);
}

function sameTrees(ensemble: TestEnsemble): void {
  const digests = ensemble.members.filter(({ isUp }) => isUp).map(({ database }) => database.tree.digest.toBigInt());
  assert.equal(new Set(digests).size, 1, `digests differ: ${digests.join(', ')}\n${ensemble.story()}`);
}

test('4.5 a follower and an observer that lack more than memory holds get it from the logs, while writes continue', () => {
  const { ensemble, leader } = serving({
    size: 4,
    observers: [4],
    config: { commitLogCount: 20 },
  });
  const follower = ensemble.members.find((member) => member !== leader && member.id !== 4)!;
  const observer = ensemble.member(4);
  write(ensemble, leader, 'before', 10);
  for (const member of [follower, observer]) member.stop();
  write(ensemble, leader, 'a', 2000);
  leader.database.log.requestRoll();
  write(ensemble, leader, 'b', 2000);
  for (const member of [follower, observer]) member.start();
  const writer = ensemble.connect(leader.id);
  let written = 0;
  ensemble.until('both serve', () => {
    writer.send('create', createRequest(`/meanwhile${written++}`));
    return follower.clients.isServing && observer.clients.isServing;
  });
  ensemble.advance(200);
  assert.deepEqual([syncsOf(follower).at(-1), syncsOf(observer).at(-1)], ['DIFF', 'DIFF'], ensemble.story());
  assert.match(leader.logged.join('\n'), /Synchronising follower \d from the logs/);
  sameTrees(ensemble);
  // Restart all members. The transactions that the learners got from the leader's logs must also be in the learners'
  // own logs.
  for (const member of ensemble.members) member.crash(() => 0.5);
  ensemble.start();
  const next = ensemble.untilServing();
  assert.equal(ensemble.connect(next.id).children('/')!.length, 1 + 10 + 4000 + written);
  sameTrees(ensemble);
});

test('4.5 a learner gets a snapshot if the logs do not reach back to its last zxid', () => {
  const { ensemble, leader } = serving({ config: { commitLogCount: 20 } });
  const follower = ensemble.members.find((member) => member !== leader)!;
  write(ensemble, leader, 'before', 10);
  follower.stop();
  leader.database.log.requestRoll();
  write(ensemble, leader, 'a', 100);
  leader.disk.remove(logsOf(leader)[0]!);
  follower.start();
  ensemble.untilServing();
  assert.equal(syncsOf(follower).at(-1), 'SNAP', ensemble.story());
  sameTrees(ensemble);
});

function logsOf({ disk }: TestMember): string[] {
  const names = disk.list('/data/version-2').filter((name) => name.startsWith('log.'));
  return names.toSorted().map((name) => `/data/version-2/${name}`);
}

/**
 * A follower that was down while the leader wrote three logs. The leader's memory holds only the last transactions of
 * these logs.
 */
function missedThreeLogs(): { ensemble: TestEnsemble; leader: TestMember; follower: TestMember } {
  const { ensemble, leader } = serving({ config: { commitLogCount: 20 } });
  const follower = ensemble.members.find((member) => member !== leader)!;
  write(ensemble, leader, 'before', 10);
  follower.stop();
  for (const name of ['a', 'b', 'c']) {
    write(ensemble, leader, name, 100);
    leader.database.log.requestRoll();
  }
  return { ensemble, leader, follower };
}

test("4.5 a learner gets a snapshot, and no transaction before it, if the leader's logs have a hole", () => {
  const { ensemble, leader, follower } = missedThreeLogs();
  leader.disk.remove(logsOf(leader).at(-2)!);
  const before = syncsOf(follower).length;
  follower.start();
  ensemble.untilServing();
  assert.deepEqual(syncsOf(follower).slice(before), ['SNAP'], ensemble.story());
  sameTrees(ensemble);
});

test('4.5 a learner is disconnected if a log disappears while it is sent, and gets a snapshot the next time', () => {
  const { ensemble, leader, follower } = missedThreeLogs();
  const last = logsOf(leader).at(-1);
  const open = leader.disk.open.bind(leader.disk);
  let opened = 0;
  leader.disk.open = (path, mode) => {
    // The leader opens the last log three times: to read its size, to verify it, and to send it. The third open fails.
    if (path === last && ++opened === 3) throw new DiskError('ENOENT', 'open', path);
    return open(path, mode);
  };
  const before = syncsOf(follower).length;
  follower.start();
  ensemble.untilServing();
  assert.deepEqual(syncsOf(follower).slice(before), ['DIFF', 'SNAP'], ensemble.story());
  sameTrees(ensemble);
});

test('a learner that lacks only the epoch gets no snapshot from a leader without transactions in memory', () => {
  const { ensemble, leader } = serving({ config: { snapCount: 1000, snapshotSizeFactor: -1 } });
  write(ensemble, leader, 'a', 20);
  for (const member of ensemble.members) {
    member.database.snapshots.take(() => {});
    ensemble.advance(100);
    member.stop();
  }
  const [late, ...others] = [ensemble.member(1), ...ensemble.members.slice(1)];
  for (const member of others) member.start();
  ensemble.until('two serve', () => others.every(({ clients }) => clients.isServing));
  late.start();
  ensemble.untilServing();
  assert.equal(syncsOf(late).at(-1), 'DIFF', ensemble.story());
  sameTrees(ensemble);
});

test('forceSnapshotSync: a learner that lacks nothing gets a snapshot too', () => {
  const { ensemble, leader } = serving({ sync: { forcesSnapshots: true } });
  const follower = ensemble.members.find((member) => member !== leader)!;
  write(ensemble, leader, 'a', 10);
  follower.stop();
  follower.start();
  ensemble.untilServing();
  assert.equal(syncsOf(follower).at(-1), 'SNAP');
  sameTrees(ensemble);
});

test('4.7.13 observers beyond leader.maxConcurrentSnapSyncs are refused and try again later; voters are not refused', () => {
  const observers = [4, 5, 6];
  const { ensemble, leader } = serving({
    size: 6,
    observers,
    config: { commitLogCount: 20, snapshotSizeFactor: -1 },
    sync: { snapshotsMax: 1 },
  });
  const follower = ensemble.members.find((member) => member !== leader && !observers.includes(member.id))!;
  const away = [...observers.map((id) => ensemble.member(id)), follower];
  for (const member of away) member.stop();
  write(ensemble, leader, 'a', 500);
  for (const member of away) member.start();
  ensemble.untilServing();
  for (const member of away) assert.equal(syncsOf(member).at(-1), 'SNAP', ensemble.story());
  const turnedAway = leader.logged.filter((line) => line.includes('leader.maxConcurrentSnapSyncs=1'));
  assert.ok(turnedAway.length > 0, ensemble.story());
  assert.ok(
    turnedAway.every((line) => line.includes('observer')),
    turnedAway.join('\n'),
  );
  sameTrees(ensemble);
});

test('4.7.12 leaderServes=no: the leader accepts no clients, and the followers do', () => {
  const { ensemble, leader } = serving({ config: { leaderServes: false } });
  const refused = ensemble.member(leader.id).open();
  assert.equal(refused.connect(), undefined);
  assert.equal(refused.isClosed, true);
  const follower = ensemble.members.find((member) => member !== leader)!;
  const client = ensemble.connect(follower.id);
  assert.equal(client.create('/n').err, 0);
  assert.equal(client.call('sync', { path: '/' }).err, 0);
  assert.match(ensemble.ask(leader.id, 'srvr'), /not currently serving requests/);
  leader.stop();
  ensemble.until('another leads', () => ensemble.leader !== undefined && ensemble.leader !== leader);
  leader.start();
  ensemble.untilServing();
  assert.equal(ensemble.connect(leader.id).children('/')!.includes('n'), true, 'it is a follower now');
});

test('ZK-3781: a follower that trusts its logs without a snapshot writes one for its next start', () => {
  const config: Partial<ServerConfig> = { snapshotTrustEmpty: true };
  const { ensemble, leader } = serving({ config });
  write(ensemble, leader, 'before', 10);
  const follower = ensemble.members.find((member) => member !== leader)!;
  follower.stop();
  for (const name of follower.disk.list('/data/version-2')) {
    if (name.startsWith('snapshot.')) follower.disk.remove(`/data/version-2/${name}`);
  }
  follower.disk.syncDirectory('/data/version-2');
  follower.start();
  ensemble.untilServing();
  assert.equal(syncsOf(follower).at(-1), 'DIFF', 'the leader sends no snapshot either');
  config.snapshotTrustEmpty = false;
  follower.crash(() => 0);
  follower.start();
  ensemble.untilServing();
  sameTrees(ensemble);
});
