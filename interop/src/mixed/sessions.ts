import { type Ensemble, type Member, until } from '../peers/index.js';
import { RawConnection } from '../raw/connection.js';
import type { Request } from '../raw/operations.js';

const world = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];
const timeoutMs = 3_000;
const pingMs = 500;
const connectionsEach = 6;
const roundsEach = 40;

/**
 * At every member, many clients send writes, syncs and reads without waiting for replies. Each client must get its
 * replies in order, although the leader's replies for several servers and sessions arrive in any order.
 */
export async function pipelines(ensemble: Ensemble): Promise<string> {
  const clients = ensemble.members.flatMap((member) =>
    Array.from({ length: connectionsEach }, (_, index) => ({ member, index })),
  );
  await write(ensemble.members[0]!, { operation: 'create', value: node('/pipelines', '') });
  const counts = await Promise.all(
    clients.map(({ member, index }) => pipeline(member, `/pipelines/${member.id}-${index}`)),
  );
  return `${counts.reduce((sum, count) => sum + count)} requests of ${clients.length} clients`;
}

async function pipeline(member: Member, path: string): Promise<number> {
  const connection = await RawConnection.open(member.port, { timeoutMs: 60_000 });
  await connection.must({ operation: 'create', value: node(path, '0') });
  const requests: Request[] = [];
  for (let round = 1; round <= roundsEach; round++) {
    requests.push({ operation: 'sync', value: { path } });
    requests.push({ operation: 'setData', value: { path, data: Buffer.from(String(round)), version: -1 } });
    requests.push({ operation: 'getData', value: { path, watch: false } });
  }
  for (const request of requests) connection.send(request);
  await connection.settled().catch((error) => {
    throw new Error(
      `${member.name} has answered ${connection.incoming.length} of ${requests.length}: ${error.message}`,
    );
  });
  const replies = connection.takeIncoming().filter((item) => item.kind === 'reply');
  const bad = replies.find(({ header }) => header.err !== 0);
  if (bad !== undefined || replies.length !== requests.length) {
    throw new Error(`${member.name}: ${replies.length} of ${requests.length} replies, error ${bad?.header.err}`);
  }
  for (let round = 1; round <= roundsEach; round++) {
    const data = String((replies[round * 3 - 1]!.body as { data: Buffer }).data);
    if (data !== String(round)) throw new Error(`${member.name}: a read after write ${round} gave ${data}`);
  }
  await connection.call({ operation: 'closeSession' });
  return requests.length;
}

/**
 * At each member, one session with a timeout of 3 s only sends pings, and another is silent. The leader learns of the
 * pings through the member, so the first session lives and the second expires. At each member, watches see that the
 * ephemeral node of each expired session is deleted.
 */
export async function expiry(ensemble: Ensemble): Promise<string> {
  const { members } = ensemble;
  const pinging = await Promise.all(members.map((member) => openWithEphemeral(member, `/pinging-${member.id}`)));
  const silent = await Promise.all(members.map((member) => openWithEphemeral(member, `/silent-${member.id}`)));
  let speaking = [...pinging, ...silent];
  const timer = setInterval(() => {
    for (const client of speaking) if (!client.closed) client.send({ operation: 'ping' });
  }, pingMs);
  try {
    const watchers = await Promise.all(members.map((member) => watchSilent(ensemble, member)));
    speaking = pinging;
    await until('all silent sessions to be expired', () =>
      watchers.every(({ ended }) => ended().length === members.length),
    );
    // a session whose pings do not reach the leader expires after `timeoutMs`, so wait twice that time
    const endMs = Date.now() + timeoutMs * 2;
    await until('the time to pass', () => Date.now() > endMs);
    for (const { connection, member } of watchers) await checkPinging(connection, member, members);
  } finally {
    clearInterval(timer);
    for (const client of silent) client.destroy();
  }
  for (const client of pinging) await client.call({ operation: 'closeSession' });
  return `${members.length} sessions lived by pings, ${members.length} expired`;
}

async function openWithEphemeral(member: Member, path: string): Promise<RawConnection> {
  const connection = await RawConnection.open(member.port, { timeoutMs });
  await connection.must({ operation: 'create', value: node(path, '', 1) });
  return connection;
}

interface Watcher {
  member: Member;
  connection: RawConnection;
  /** The deletion events that the watches have received. */
  ended(): unknown[];
}

async function watchSilent({ members }: Ensemble, member: Member): Promise<Watcher> {
  const connection = await RawConnection.open(member.port, { timeoutMs: 60_000 });
  await connection.must({ operation: 'sync', value: { path: '/' } });
  for (const { id } of members) {
    await connection.must({ operation: 'exists', value: { path: `/silent-${id}`, watch: true } });
  }
  const deleted = 2;
  return {
    member,
    connection,
    ended: () => connection.incoming.filter((item) => item.kind === 'event' && item.body.type === deleted),
  };
}

async function checkPinging(connection: RawConnection, member: Member, members: readonly Member[]): Promise<void> {
  await connection.must({ operation: 'sync', value: { path: '/' } });
  for (const { id } of members) {
    const reply = await connection.call({ operation: 'exists', value: { path: `/pinging-${id}`, watch: false } });
    if (reply.header.err !== 0) throw new Error(`at ${member.name} the session that pings server ${id} has expired`);
  }
  await connection.call({ operation: 'closeSession' });
}

async function write(member: Member, request: Request): Promise<void> {
  const connection = await RawConnection.open(member.port);
  await connection.must(request);
  await connection.call({ operation: 'closeSession' });
}

function node(path: string, data: string, flags = 0) {
  return { path, data: Buffer.from(data), acl: world, flags };
}
