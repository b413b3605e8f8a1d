import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorCode, OpCode } from '@nodekeeper/protocol';
import { TestServer } from '../support/test-server.js';

interface Audited {
  readonly sessionId: bigint;
  readonly type: number;
  readonly err: number;
}

function auditedServer() {
  const server = new TestServer();
  const audited: Audited[] = [];
  server.audit = ({ sessionId, request }, err) => audited.push({ sessionId, type: request.type, err });
  server.restart();
  return { server, audited };
}

test('each write is audited with the code of its reply, in the order of the replies; reads and new sessions are not', () => {
  const { server, audited } = auditedServer();
  const client = server.connect();
  client.create('/a');
  client.get('/a');
  client.call('delete', { path: '/missing', version: -1 });
  client.call('setData', Buffer.from([1]));
  const { sessionId } = client;
  client.call('closeSession');
  assert.deepEqual(audited, [
    { sessionId, type: OpCode.create, err: ErrorCode.OK },
    { sessionId, type: OpCode.delete, err: ErrorCode.NONODE },
    { sessionId, type: OpCode.setData, err: ErrorCode.MARSHALLINGERROR },
    { sessionId, type: OpCode.closeSession, err: ErrorCode.OK },
  ]);
});

test('a write whose client disconnected before the commit is audited too', () => {
  const { server, audited } = auditedServer();
  const client = server.connect();
  server.diskIsSlow = true;
  client.send(
    'create',
    { path: '/a', data: null, acl: [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }], flags: 0 },
    1,
  );
  client.send('delete', { path: '/missing', version: -1 }, 2);
  server.settle();
  client.disconnect();
  server.finishSlowDisk();
  assert.deepEqual(
    audited.map(({ type, err }) => [type, err]),
    [
      [OpCode.create, ErrorCode.OK],
      [OpCode.delete, ErrorCode.NONODE],
    ],
  );
});
