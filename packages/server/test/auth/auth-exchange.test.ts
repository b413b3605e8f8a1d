import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorCode, Xid } from '@nodekeeper/protocol';
import type { AuthOutcome, AuthProvider } from '../../src/auth/providers.js';
import { TestServer } from '../support/test-server.js';

const ann = { scheme: 'slow', id: 'ann' };

/**
 * A server with the scheme `slow`. A client needs two messages to authenticate. The test decides when the server
 * answers the second message.
 */
function serverWithSlowScheme() {
  const server = new TestServer();
  const waiting: ((outcome: AuthOutcome) => void)[] = [];
  const begun: string[] = [];
  const provider: AuthProvider = {
    begin(remoteAddress) {
      begun.push(remoteAddress);
      let messages = 0;
      return {
        take(_message, done) {
          if (++messages === 1) done({ code: ErrorCode.OK, ids: [] });
          else waiting.push(done);
        },
      };
    },
    isAuthenticated: true,
    isValid: () => true,
    comparison: 'equality',
    userName: (id) => id,
  };
  (server.clients.access.providers as Map<string, AuthProvider>).set('slow', provider);
  return { server, waiting, begun };
}

const message = (text: string) => ({ type: 0, scheme: 'slow', auth: Buffer.from(text) });

test('an authentication of several messages is one exchange, and requests wait for its end', () => {
  const { server, waiting, begun } = serverWithSlowScheme();
  const client = server.connect();
  client.send('auth', message('hello'), Xid.auth);
  client.send('auth', message('proof'), Xid.auth);
  client.send('whoAmI', undefined, 3);
  server.settle();
  assert.deepEqual(begun, ['127.0.0.1']);
  assert.deepEqual(
    client.story(),
    [`reply ${Xid.auth}`],
    'neither the second message nor the requests after it are answered yet',
  );
  waiting[0]!({ code: ErrorCode.OK, ids: [ann] });
  server.settle();
  const replies = client.replies();
  assert.deepEqual(
    replies.map(({ xid }) => xid),
    [Xid.auth, 3],
  );
  const { clientInfo } = replies[1]!.body as { clientInfo: { user: string }[] };
  assert.ok(clientInfo.some(({ user }) => user === 'ann'));
});

test('an authentication that fails later is answered AUTHFAILED, and closes the connection', () => {
  const { server, waiting } = serverWithSlowScheme();
  const client = server.connect();
  client.send('auth', message('hello'), Xid.auth);
  client.send('auth', message('lie'), Xid.auth);
  server.settle();
  waiting[0]!({ code: ErrorCode.AUTHFAILED, ids: [] });
  server.settle();
  assert.equal(client.replies().at(-1)!.err, ErrorCode.AUTHFAILED);
  assert.equal(client.isClosed, true);
});

test("a commit during an authentication does not let the connection's next requests in", () => {
  const { server, waiting } = serverWithSlowScheme();
  const client = server.connect();
  server.diskIsSlow = true;
  client.send('auth', message('hello'), Xid.auth);
  client.send('create', { path: '/a', data: null, acl: [], flags: 0 }, 1);
  client.send('auth', message('proof'), Xid.auth);
  client.send('exists', { path: '/a', watch: false }, 2);
  server.settle();
  server.finishSlowDisk();
  assert.equal(client.story().includes('reply 2'), false);
  waiting[0]!({ code: ErrorCode.OK, ids: [ann] });
  server.settle();
  assert.equal(client.story().at(-1), 'reply 2');
});

test('the end of an authentication has no effect after its client disconnected', () => {
  const { server, waiting } = serverWithSlowScheme();
  const client = server.connect();
  client.send('auth', message('hello'), Xid.auth);
  client.send('auth', message('proof'), Xid.auth);
  server.settle();
  client.disconnect();
  waiting[0]!({ code: ErrorCode.OK, ids: [ann] });
  server.settle();
  assert.equal(server.connect().exists('/').err, 0);
});
