import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorCode, type MultiOp, OpCode } from '@nodekeeper/protocol';
import { createRequest, type TestClient } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';

const { QUOTAEXCEEDED } = ErrorCode;

/** Sets a quota by creating the nodes that the command setquota of ZooKeeper's shell creates. */
function setQuota(client: TestClient, path: string, limits: string): void {
  const parts = path.slice(1).split('/');
  for (let count = 1; count <= parts.length; count++) {
    client.create(`/zookeeper/quota/${parts.slice(0, count).join('/')}`);
  }
  client.create(`/zookeeper/quota${path}/zookeeper_limits`, limits);
  client.create(`/zookeeper/quota${path}/zookeeper_stats`, 'count=0,bytes=0');
}

const usage = (client: TestClient, path: string) => client.text(`/zookeeper/quota${path}/zookeeper_stats`);

test('usage is counted when the quota is set, and follows creates, deletes and sets without zxids (8.34)', () => {
  const server = new TestServer();
  const client = server.connect();
  client.create('/q', 'abc');
  client.create('/q/x', '12345');
  setQuota(client, '/q', 'count=10,bytes=100');
  assert.equal(usage(client, '/q'), 'count=2,bytes=8');
  const { stat } = client.get('/zookeeper/quota/q/zookeeper_stats').body;
  client.create('/q/y', 'zz');
  client.set('/q/x', '1');
  client.delete('/q/y');
  client.create('/other', 'not counted');
  client.create('/qq', 'it is not counted either');
  assert.equal(usage(client, '/q'), 'count=2,bytes=4');
  assert.deepEqual(
    { ...client.get('/zookeeper/quota/q/zookeeper_stats').body.stat, dataLength: 0 },
    { ...stat, dataLength: 0 },
  );
  client.set('/q/x', null);
  assert.equal(usage(client, '/q'), 'count=2,bytes=3');
  server.restart();
  assert.equal(usage(server.connect(), '/q'), 'count=2,bytes=3');
  assert.deepEqual(server.warnings, []);
});

test('limits are checked only with enforceQuota', () => {
  const client = new TestServer().connect();
  client.create('/q');
  setQuota(client, '/q', 'count=1,bytes=1=;byteHardLimit=1;countHardLimit=1');
  assert.equal(client.create('/q/x', 'much').err, 0);
});

test('a hard limit refuses with QUOTAEXCEEDED: the count limit if the count changes, the byte limit if the bytes do (8.35)', () => {
  const server = new TestServer({ enforceQuota: true });
  const client = server.connect();
  client.create('/q', '12345');
  setQuota(client, '/q', 'count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=3');
  assert.equal(client.create('/q/a', '12345').err, 0);
  assert.equal(client.create('/q/b', '1').err, QUOTAEXCEEDED);
  assert.equal(client.set('/q/a', '123456').err, QUOTAEXCEEDED);
  assert.equal(client.set('/q/a', '54321').err, 0);
  assert.equal(client.create('/q/b', '').err, 0);
  assert.equal(client.create('/q/c', '').err, QUOTAEXCEEDED, 'count');
  assert.equal(client.create('/q/a/deep', '').err, QUOTAEXCEEDED, 'any depth');
  client.delete('/q/b');
  assert.equal(client.create('/q/c', '').err, 0);
  const multi: MultiOp[] = [{ type: OpCode.create, request: createRequest('/q/d') }];
  assert.deepEqual(client.multi(...multi).body, [{ type: OpCode.error, response: { err: QUOTAEXCEEDED } }]);
  assert.equal(usage(client, '/q'), 'count=3,bytes=10');
});

test('a soft limit only warns; a hard limit replaces it', () => {
  const server = new TestServer({ enforceQuota: true });
  const client = server.connect();
  client.create('/soft');
  setQuota(client, '/soft', 'count=1,bytes=-1');
  assert.equal(client.create('/soft/x').err, 0);
  assert.match(server.warnings.join(), /Quota exceeded: \/soft \[current count=2, soft limit=1\]/);
  client.create('/both');
  setQuota(client, '/both', 'count=1,bytes=-1=;countHardLimit=5');
  const before = server.warnings.length;
  assert.equal(client.create('/both/x').err, 0);
  assert.equal(server.warnings.length, before);
});

test('the longest quota path applies; a deleted one does not, and unreadable limits are no limits', () => {
  const server = new TestServer({ enforceQuota: true });
  const client = server.connect();
  client.create('/a');
  client.create('/a/b');
  setQuota(client, '/a', 'count=-1,bytes=-1=;countHardLimit=2');
  setQuota(client, '/a/b', 'count=,bytes=oops=;;,countHardLimit=9');
  assert.equal(client.create('/a/b/c').err, 0);
  assert.equal(client.create('/a/x').err, QUOTAEXCEEDED);
  client.delete('/zookeeper/quota/a/zookeeper_limits');
  client.delete('/zookeeper/quota/a/zookeeper_stats');
  assert.equal(client.create('/a/x').err, 0);
  server.restart();
  assert.equal(server.connect().create('/a/y').err, 0);
});

test('quotas do not change the digest (3.6.5)', () => {
  const server = new TestServer();
  const client = server.connect();
  client.create('/q');
  setQuota(client, '/q', 'count=5,bytes=5');
  for (let index = 0; index < 10; index++) client.create(`/q/${index}`, 'x'.repeat(index));
  assert.deepEqual(server.warnings, []);
  server.crash(() => 0);
  assert.equal(usage(server.connect(), '/q'), 'count=11,bytes=45');
  assert.deepEqual(server.warnings, []);
});
