import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ensemble, type Member, until } from '../peers/index.js';
import { RawConnection } from '../raw/connection.js';

type SyncMode = 'DIFF' | 'TRUNC' | 'SNAP';

const world = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];
/** More transactions than the leader keeps in memory (`commitLogCount`). */
export const moreThanKept = 620;

const modesOfApache: [RegExp, SyncMode][] = [
  [/Getting a diff from the leader/, 'DIFF'],
  [/Truncating log to get in sync/, 'TRUNC'],
  [/Getting a snapshot from leader/, 'SNAP'],
];

/**
 * How the leader synchronised the member. The list has one item for each time that the member joined since its start.
 */
export function syncModes(member: Member): SyncMode[] {
  return member
    .log()
    .split('\n')
    .flatMap((line) => {
      const ours = /Synchronising with server \d+: (DIFF|TRUNC|SNAP)/.exec(line)?.[1] as SyncMode | undefined;
      return ours ?? modesOfApache.find(([pattern]) => pattern.test(line))?.[1] ?? [];
    });
}

/** Starts the member and waits until it serves. Throws if the leader did not synchronise the member by `mode`. */
export async function startAndExpect(member: Member, mode: SyncMode): Promise<void> {
  await member.start();
  await member.untilServing();
  const actual = syncModes(member).at(-1);
  if (actual !== mode) throw new Error(`${member.name} was synchronised with ${actual}, not with ${mode}`);
}

/** Changes the node `count` times through this member. */
export async function write(member: Member, path: string, count: number): Promise<void> {
  const connection = await RawConnection.open(member.port, { timeoutMs: 60_000 });
  await connection.call({ operation: 'create', value: { path, data: null, acl: world, flags: 0 } });
  for (let index = 1; index <= count; index++) {
    connection.send({ operation: 'setData', value: { path, data: Buffer.from(`${path} ${index}`), version: -1 } });
  }
  await connection.settled();
  const failed = connection.takeIncoming().find((item) => item.kind !== 'reply' || item.header.err !== 0);
  if (failed !== undefined) throw new Error(`a write through ${member.name} failed: ${JSON.stringify(failed.kind)}`);
  await connection.call({ operation: 'closeSession' });
}

/** Creates `batches * batchSize` nodes of 1 KB, one batch at a time. */
export async function fill(member: Member, path: string, batches: number, batchSize: number): Promise<void> {
  const connection = await RawConnection.open(member.port, { timeoutMs: 60_000 });
  await connection.must({ operation: 'create', value: { path, data: null, acl: world, flags: 0 } });
  for (let batch = 0; batch < batches; batch++) {
    for (let index = 0; index < batchSize; index++) {
      const data = Buffer.alloc(1024, index);
      connection.send({
        operation: 'create',
        value: { path: `${path}/${batch}-${index}`, data, acl: world, flags: 0 },
      });
    }
    await connection.settled();
    connection.takeIncoming();
  }
  await connection.call({ operation: 'closeSession' });
}

/**
 * Leaves a transaction in the leader's log that is in no other server's log. The followers are paused while the leader
 * proposes the transaction, and killed before they read the proposal. Then the leader is killed, and the followers
 * start again. Returns the old leader, which is still down.
 */
export async function proposeInVain(ensemble: Ensemble, path: string): Promise<Member> {
  const leader = await ensemble.leader();
  const followers = await ensemble.followers();
  const client = await RawConnection.open(leader.port, { timeoutMs: 60_000 });
  await ensemble.untilLevel();
  await Promise.all(followers.map((follower) => follower.pause()));
  client.send({ operation: 'create', value: { path, data: Buffer.from(path), acl: world, flags: 0 } });
  await until(`${path} in the log of ${leader.name}`, () => isLogged(leader, path));
  await Promise.all([...followers, leader].map((member) => member.kill()));
  if (client.incoming.some(({ kind }) => kind === 'reply'))
    throw new Error(`${path} was acknowledged without a quorum`);
  client.destroy();
  for (const follower of followers) {
    if (isLogged(follower, path)) throw new Error(`${path} reached the log of ${follower.name}`);
  }
  await Promise.all(followers.map((follower) => follower.start()));
  await ensemble.untilServing();
  return leader;
}

function isLogged(member: Member, text: string): boolean {
  const directory = join(member.directory, 'version-2');
  const logs = readdirSync(directory).filter((name) => name.startsWith('log.'));
  return logs.some((name) => readFileSync(join(directory, name)).includes(text));
}
