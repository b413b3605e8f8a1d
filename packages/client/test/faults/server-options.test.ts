import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type CreateOptions, connect, Perm } from '../../src/index.js';
import { failsWith, sessionEvents, startServerWithShortTicks, until } from '../support/fault-bench.js';

const quick = { reconnectDelayMs: { base: 5, max: 20 } };

suite('a server that is configured otherwise', () => {
  test('creating a TTL node is UNIMPLEMENTED if TTL is disabled, alone and in a transaction', async (context) => {
    const port = await startServerWithShortTicks(context, { extendedTypesEnabled: false });
    await using client = await connect(`127.0.0.1:${port}`);
    const ttl: CreateOptions = { mode: 'PERSISTENT_WITH_TTL', ttlMs: 1000 };
    const error = await failsWith(client.create('/a', '', ttl), 'UNIMPLEMENTED', 'rejected', /does not support this/);
    assert.deepEqual([error.op, error.number], ['create', -6]);
    const both = client.transaction().create('/b').create('/a', '', ttl).commit();
    const { results } = await failsWith(both, 'UNIMPLEMENTED', 'rejected');
    assert.deepEqual(
      results?.map(({ code }) => code),
      ['OK', 'UNIMPLEMENTED'],
    );
    await client.create('/box', '', { mode: 'CONTAINER' });
  });

  test('credentials of a disabled scheme end the session with AUTHFAILED, also as an option of connect', async (context) => {
    const port = await startServerWithShortTicks(context, { digestAuthEnabled: false });
    const auth = [{ scheme: 'digest', auth: 'bob:secret' }];
    const client = await connect(`127.0.0.1:${port}`, { auth }).then(
      (connected) => connected,
      (error) => error as { code: string },
    );
    if ('code' in client) assert.equal(client.code, 'AUTHFAILED');
    else {
      await until('the reply has arrived', () => client.state === 'AUTH_FAILED');
      await failsWith(client.exists('/'), 'AUTHFAILED', 'not-sent');
    }
  });

  test('with skipACL every client may do everything', async (context) => {
    const port = await startServerWithShortTicks(context, { skipAcl: true });
    await using client = await connect(`127.0.0.1:${port}`);
    await client.create('/a', 'x', { acl: [{ scheme: 'ip', id: '10.0.0.1', perms: Perm.READ }] });
    await client.set('/a', 'y');
    assert.equal((await client.getAcl('/a')).acl[0]!.id, '10.0.0.1');
  });

  test('connect tries until its timeout if the server accepts no more connections', async (context) => {
    const port = await startServerWithShortTicks(context, { maxClientCnxns: 1 });
    const first = await connect(`127.0.0.1:${port}`);
    const second = connect(`127.0.0.1:${port}`, { ...quick, connectTimeoutMs: 300 });
    await failsWith(second, 'OPERATIONTIMEOUT', 'not-sent', /last attempt: 127\.0\.0\.1:\d+: /);
    const third = connect(`127.0.0.1:${port}`, { ...quick, connectTimeoutMs: 9000 });
    await first.close();
    await using client = await third;
    await client.sync();
  });

  test('a request over the server’s limit costs the connection, one over the client’s limit is not sent', async (context) => {
    const port = await startServerWithShortTicks(context, { juteMaxBufferBytes: 2000 });
    await using client = await connect(`127.0.0.1:${port}`, quick);
    const events = sessionEvents(client);
    const { id } = client.session;
    await failsWith(client.create('/a', 'x'.repeat(3000)), 'CONNECTIONLOSS', 'unknown');
    assert.equal(await client.exists('/a'), null);
    assert.equal(client.session.id, id);
    assert.deepEqual(events, ['Disconnected', 'SyncConnected']);
    await using careful = await connect(`127.0.0.1:${port}`, { requestSizeMax: 2000 });
    await failsWith(careful.create('/a', 'x'.repeat(3000)), 'BADARGUMENTS', 'not-sent', /the limit is 2000/);
    await careful.create('/a', 'x'.repeat(1900));
  });

  test('a reply over replySizeMax violates the protocol, with the limit in the message', async (context) => {
    const port = await startServerWithShortTicks(context);
    const client = await connect(`127.0.0.1:${port}`, { ...quick, replySizeMax: 1000 });
    await client.create('/a', 'x'.repeat(500));
    assert.equal((await client.get('/a')).data?.length, 500);
    await client.set('/a', 'x'.repeat(2000));
    await failsWith(client.get('/a'), 'MARSHALLINGERROR', 'unknown', /frame length \d+ is outside 0\.\.1000/);
    await client.close();
  });
});
