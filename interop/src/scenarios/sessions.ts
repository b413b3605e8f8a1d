import { RawConnection } from '../raw/connection.js';
import { int32 } from '../raw/records.js';
import { eventsUnder, noteEvents, type Script } from './script.js';

/**
 * Opens sessions with various timeouts. The server must limit them to at least 400 ms (2 ticks of 200 ms) and at most
 * 60 s.
 */
export async function negotiation(script: Script): Promise<void> {
  for (const timeoutMs of [0, 1, 399, 400, 401, 10_000, 60_000, 60_001, 2_147_483_647, -1, -2_147_483_648]) {
    const connection = await script.open(`asks for ${timeoutMs}`, { timeoutMs });
    await script.ask('closes', connection, 'closeSession');
    await connection.untilClosed();
  }
  const old = await script.open('3.3 client', { readOnly: undefined, timeoutMs: 10_000 });
  await script.ask('3.3 client', old, 'closeSession');
  await script.open('read-only client', { readOnly: true, timeoutMs: 10_000 });
  await script.open('client from the future', { lastZxidSeen: 1_000_000 });
}

/** A silent session expires. One transaction deletes its ephemeral nodes, and no client can resume the session. */
export async function expiry(script: Script): Promise<void> {
  const observer = await script.open('observer', { timeoutMs: 60_000 });
  await script.create('observer', observer, '/expiry');
  await script.ask('observer', observer, 'addWatch', { path: '/expiry', mode: 1 });
  const silent = await script.open('silent', { timeoutMs: 400 });
  for (const name of ['b', 'a', 'c']) await script.create('silent', silent, `/expiry/${name}`, 1);
  await script.create('silent', silent, '/expiry/stays');
  await script.ask('observer', observer, 'getEphemerals', { prefixPath: '/' });
  const gone = () => eventsUnder(observer, '/expiry') >= 3;
  script.note(`ephemerals gone in time: ${await script.pingUntil(observer, gone, 10_000)}`);
  noteEvents(script, observer); // one transaction deletes all three nodes, in the order of ZooKeeper's hash set
  await silent.untilClosed();
  script.take('silent', silent);
  await script.open('silent again', { session: silent.session, timeoutMs: 400 });
  await script.ask('observer', observer, 'getChildren2', { path: '/expiry', watch: false });
}

/**
 * Pings keep a session alive. A second connection takes over the session. A third connection with a wrong password does
 * not get it.
 */
export async function moving(script: Script): Promise<void> {
  const first = await script.open('first', { timeoutMs: 1_000 });
  await script.create('first', first, '/moving', 1);
  await script.ask('first', first, 'exists', { path: '/moving', watch: true });
  const since = Date.now();
  script.note(`alive: ${await script.pingUntil(first, () => Date.now() > since + 1_600, 3_000)}`);
  first.takeIncoming();
  await script.open('thief', { session: { id: first.session.id, password: Buffer.alloc(16, 1) } });
  await script.open('stranger', { session: { id: 0x1234n, password: Buffer.alloc(16, 1) } });
  const second = await script.open('second', { session: first.session, timeoutMs: 2_000 });
  await first.untilClosed();
  script.take('first', first);
  await script.ask('second', second, 'getData', { path: '/moving', watch: false });
  await script.ask('second', second, 'setData', { path: '/moving', data: null, version: -1 });
  await script.ask('second', second, 'getEphemerals', { prefixPath: '' });
  await script.ask('second', second, 'closeSession');
  await second.untilClosed();
  const third = await script.open('third', { timeoutMs: 10_000 });
  await script.ask('third', third, 'exists', { path: '/moving', watch: false });
}

/** Container and TTL nodes are deleted only when they are empty and their time has come. */
export async function reaping(script: Script): Promise<void> {
  const client = await script.open('client', { timeoutMs: 60_000 });
  const acl = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];
  await script.create('client', client, '/reap');
  const container = (path: string) => ({ path, data: null, acl, flags: 4 });
  await script.ask('client', client, 'createContainer', container('/reap/used'));
  await script.ask('client', client, 'createContainer', container('/reap/never-used'));
  await script.ask('client', client, 'createContainer', container('/reap/in-use'));
  await script.create('client', client, '/reap/used/child');
  await script.create('client', client, '/reap/in-use/child');
  const ttl = (path: string) => ({ path, data: null, acl, flags: 5, ttl: 300 });
  await script.ask('client', client, 'createTTL', ttl('/reap/short'));
  await script.ask('client', client, 'createTTL', ttl('/reap/parent'));
  await script.create('client', client, '/reap/parent/child');
  await script.ask('client', client, 'addWatch', { path: '/reap', mode: 1 });
  await script.ask('client', client, 'delete', { path: '/reap/used/child', version: -1 });
  client.takeIncoming();
  script.note(`two gone: ${await script.pingUntil(client, () => eventsUnder(client, '/reap') >= 2, 10_000)}`);
  noteEvents(script, client);
  await script.ask('client', client, 'delete', { path: '/reap/parent/child', version: -1 });
  script.note(`parent gone: ${await script.pingUntil(client, () => eventsUnder(client, '/reap/parent') >= 1, 10_000)}`);
  noteEvents(script, client);
  const exists = async (path: string) => {
    const reply = await client.call({ operation: 'exists', value: { path, watch: false } });
    script.note(`${path} ${reply.header.err}`);
  };
  for (const name of ['used', 'never-used', 'in-use', 'short', 'parent']) await exists(`/reap/${name}`);
}

/** The server accepts a frame whose length is jute.maxbuffer, and rejects a longer frame. */
export async function largeFrames(script: Script): Promise<void> {
  const maxFrame = 1_048_575;
  const acl = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];
  // the lengths of xid, type, path, data length, one ACL, and flags
  const overhead = 8 + (4 + '/large'.length) + 4 + (4 + 4 + 4 + 'world'.length + 4 + 'anyone'.length) + 4;
  const client = await script.open('client', { timeoutMs: 60_000 });
  const data = Buffer.alloc(maxFrame - overhead, 'x');
  client.send({ operation: 'create', value: { path: '/large', data, acl, flags: 0 } });
  await client.settled();
  script.take('client', client);
  const read = await client.call({ operation: 'getData', value: { path: '/large', watch: false } });
  script.note(`reads ${((read.body as { data: Buffer }).data ?? '').length} bytes back`);
  await script.ask('client', client, 'delete', { path: '/large', version: -1 });
  client.sendRaw(int32(maxFrame + 1));
  await client.untilClosed();
  script.take('client', client);
}

/** After an invalid handshake the server closes that connection, and still accepts other connections. */
export async function brokenHandshakes(script: Script): Promise<void> {
  for (const bytes of [
    int32(-1),
    int32(0x7fffffff),
    Buffer.concat([int32(3), Buffer.alloc(3)]),
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
  ]) {
    const answer = await RawConnection.openRaw(script.port, bytes);
    script.note(`${bytes.subarray(0, 8).toString('latin1')}: ${answer.toString('latin1')}`);
  }
  await script.open('after them', { timeoutMs: 10_000 });
}
