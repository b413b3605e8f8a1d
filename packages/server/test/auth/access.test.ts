import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ACL, ErrorCode, OpCode, Perm, Xid } from '@nodekeeper/protocol';
import { Access } from '../../src/auth/access.js';
import { type AuthProvider, authProviders, digestId } from '../../src/auth/providers.js';
import { defaultConfig } from '../../src/config/server-config.js';
import { createRequest, openAcl } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';

const { NOAUTH, INVALIDACL, AUTHFAILED, SESSIONCLOSEDREQUIRESASLAUTH } = ErrorCode;
const entry = (perms: number, scheme: string | null, id: string | null): ACL => ({ perms, id: { scheme, id } });
const ann = digestId('ann:pw', 'sha1');
const owner = [entry(Perm.ALL, 'auth', '')];

test('digest: the id is user:base64(sha1(user:password)), as in ZooKeeper', () => {
  assert.equal(digestId('super:test', 'sha1'), 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=');
});

test('each permission bit allows only its operations', () => {
  const server = new TestServer();
  const admin = server.connect();
  admin.auth('digest', 'ann:pw');
  const worldMay = (perms: number) => [entry(perms, 'world', 'anyone'), entry(Perm.ALL, 'auth', '')];
  admin.create('/n', '', { acl: worldMay(0) });
  admin.create('/n/kid', '', { acl: openAcl });
  const client = server.connect();
  const attempts: [perm: number, attempt: () => number][] = [
    [Perm.READ, () => client.get('/n').err],
    [Perm.READ, () => client.call('getChildren', { path: '/n', watch: false }).err],
    [Perm.READ, () => client.exists('/n').err],
    [Perm.READ | Perm.ADMIN, () => client.call('getACL', { path: '/n' }).err],
    [Perm.WRITE, () => client.set('/n', 'x').err],
    [Perm.CREATE, () => client.create('/n/new').err],
    [Perm.DELETE, () => client.delete('/n/new').err],
  ];
  for (let perms = 0; perms < 16; perms++) {
    admin.call('setACL', { path: '/n', acl: worldMay(perms), version: -1 });
    admin.delete('/n/new');
    for (const [perm, attempt] of attempts) {
      const err = attempt();
      assert.equal(err === NOAUTH, (perm & perms) === 0, `perms ${perms}, needs ${perm}: ${err}`);
    }
    assert.equal(client.call('setACL', { path: '/n', acl: openAcl, version: -1 }).err, NOAUTH);
  }
});

test("auth in an ACL stands for the client's ids, except its address; without an id it is INVALIDACL", () => {
  const client = new TestServer().connect();
  assert.equal(client.create('/a', '', { acl: owner }).err, INVALIDACL);
  client.auth('digest', 'ann:pw');
  client.auth('digest', 'bob:pw');
  client.auth('digest', 'ann:pw');
  assert.equal(client.create('/a', '', { acl: owner }).err, 0);
  assert.deepEqual(client.call('getACL', { path: '/a' }).body.acl, [
    entry(Perm.ALL, 'digest', ann),
    entry(Perm.ALL, 'digest', digestId('bob:pw', 'sha1')),
  ]);
});

test('meaningless ACLs are INVALIDACL; duplicates are dropped', () => {
  const client = new TestServer().connect();
  const bad: ACL[] = [
    entry(31, 'world', 'someone'),
    entry(31, 'nosuchscheme', 'x'),
    entry(31, 'super', ''),
    entry(31, null, 'anyone'),
    entry(31, 'digest', 'nohash'),
    entry(31, 'digest', 'a:b:c'),
    entry(31, 'digest', 'a:'),
    entry(31, 'nosuchscheme', null),
    entry(31, 'ip', 'localhost'),
    entry(31, 'ip', '10.0.0.0/33'),
    entry(31, 'ip', '10.0.0.256'),
    entry(31, 'ip', '::1/129'),
    entry(31, 'ip', ''),
  ];
  for (const one of bad) {
    assert.equal(client.create('/bad', '', { acl: [...openAcl, one] }).err, INVALIDACL, JSON.stringify(one));
  }
  const twice = [entry(1, 'ip', '10.0.0.0/8'), ...openAcl, entry(1, 'ip', '10.0.0.0/8')];
  client.create('/a', '', { acl: twice });
  assert.deepEqual(client.call('getACL', { path: '/a' }).body.acl, twice.slice(0, 2));
});

test('2.1.11 an ACL entry with a null id is MARSHALLINGERROR, and fails the whole multi', () => {
  const client = new TestServer().connect();
  for (const scheme of ['world', 'ip', 'digest']) {
    const acl = [...openAcl, entry(31, scheme, null)];
    assert.equal(client.create('/bad', '', { acl }).err, ErrorCode.MARSHALLINGERROR, scheme);
    assert.equal(client.call('setACL', { path: '/', acl, version: -1 }).err, ErrorCode.MARSHALLINGERROR, scheme);
    const { err } = client.multi(
      { type: OpCode.create, request: createRequest('/good') },
      { type: OpCode.create, request: createRequest('/bad', '', { acl }) },
    );
    assert.equal(err, ErrorCode.MARSHALLINGERROR, scheme);
  }
  assert.deepEqual(client.children('/'), ['zookeeper']);
});

test('ip: an entry is an address or a network, IPv4 or IPv6', () => {
  const cases: [acl: string, address: string, admitted: boolean][] = [
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.4', false],
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.1.2.128/25', '10.1.2.200', true],
    ['10.1.2.128/25', '10.1.2.100', false],
    ['0.0.0.0/0', '192.168.7.7', true],
    ['0.0.0.0/0', '0:0:0:0:0:0:0:1', false],
    ['::1', '0:0:0:0:0:0:0:1', true],
    ['2001:db8::/32', '2001:db8:0:1:0:0:0:9', true],
    ['2001:db8::/32', '2001:db9:0:0:0:0:0:9', false],
    ['::/0', '10.0.0.1', false],
  ];
  for (const [acl, address, admitted] of cases) {
    const server = new TestServer();
    server.connect().create('/a', '', { acl: [entry(Perm.READ, 'ip', acl)] });
    assert.equal(server.connect({}, address).get('/a').err, admitted ? 0 : NOAUTH, `${address} at ${acl}`);
  }
});

test('C-8 CVE-2019-0201: getACL shows password hashes to administrators only', () => {
  const server = new TestServer();
  const client = server.connect();
  client.auth('digest', 'ann:pw');
  client.create('/a', '', { acl: [...owner, entry(Perm.READ, 'world', 'anyone'), entry(1, 'ip', '1.2.3.4')] });
  const shown = (who: typeof client) => who.call('getACL', { path: '/a' }).body.acl.map((one: ACL) => one.id.id);
  assert.deepEqual(shown(server.connect()), ['ann:x', 'anyone', '1.2.3.4']);
  assert.deepEqual(shown(client), [ann, 'anyone', '1.2.3.4']);
});

test('getACL without READ and ADMIN is NOAUTH; one of them is enough (2.1.6)', () => {
  const server = new TestServer();
  const client = server.connect();
  for (const [path, perms, err] of [
    ['/none', Perm.WRITE, NOAUTH],
    ['/read', Perm.READ, 0],
    ['/admin', Perm.ADMIN, 0],
  ] as const) {
    client.create(path, '', { acl: [entry(perms, 'world', 'anyone')] });
    assert.equal(client.call('getACL', { path }).err, err, path);
  }
});

test('the super user passes every ACL', () => {
  const server = new TestServer({ digestAuthSuperDigest: 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=' });
  const client = server.connect();
  client.create('/a', '', { acl: [entry(Perm.ADMIN, 'digest', ann)] });
  assert.equal(client.get('/a').err, NOAUTH);
  client.auth('digest', 'super:wrong');
  assert.equal(client.get('/a').err, NOAUTH);
  client.auth('digest', 'super:test');
  assert.equal(client.get('/a').err, 0);
  assert.equal(client.set('/zookeeper/config', 'x').err, 0);
  assert.equal(client.delete('/a').err, 0);
});

test('skipACL=yes checks no permission, but still refuses invalid ACLs', () => {
  const server = new TestServer({ skipAcl: true });
  const client = server.connect();
  client.create('/a', '', { acl: [entry(Perm.READ, 'digest', ann)] });
  assert.equal(client.set('/a', 'x').err, 0);
  assert.equal(client.create('/b', '', { acl: [] }).err, INVALIDACL);
});

test('an unknown scheme, or digest without data, gets AUTHFAILED and a closed connection', () => {
  for (const [scheme, auth] of [
    ['kerberos', Buffer.from('x')],
    [null, null],
    ['digest', null],
  ] as const) {
    const server = new TestServer();
    const client = server.connect();
    const reply = client.call('auth', { type: 0, scheme, auth }, -4);
    assert.deepEqual([reply.err, reply.zxid, client.isClosed], [AUTHFAILED, 0, true]);
    assert.equal(server.view.statistics.authFailedCount, 1);
  }
});

test('a successful auth is answered with xid -4 and zxid 0, and does not apply to the next connection (1.9.15)', () => {
  const server = new TestServer();
  const client = server.connect();
  const reply = client.auth('digest', 'ann:pw');
  assert.deepEqual([reply.xid, reply.zxid, reply.err, reply.bodyBytes.length], [-4, 0, 0, 0]);
  client.create('/a', '', { acl: owner });
  const { sessionId, passwd } = client.response!;
  const again = server.connect({ sessionId, passwd });
  assert.equal(again.get('/a').err, NOAUTH);
});

test('enforce.auth: a client without an id of a listed scheme is disconnected at its first request (2.3)', () => {
  const server = new TestServer({ enforceAuthEnabled: true, enforceAuthSchemes: ['digest'] });
  const stranger = server.connect();
  const reply = stranger.exists('/');
  assert.deepEqual([reply.err, reply.zxid, stranger.isClosed], [SESSIONCLOSEDREQUIRESASLAUTH, 0, true]);
  const client = server.connect();
  assert.equal(client.auth('digest', 'ann:pw').err, 0);
  assert.equal(client.exists('/').err, 0);
});

test('with digest disabled, its auth packets and its ACL entries are refused', () => {
  const client = new TestServer({ digestAuthEnabled: false }).connect();
  assert.equal(client.create('/a', '', { acl: [entry(31, 'digest', ann)] }).err, INVALIDACL);
  assert.equal(client.auth('digest', 'ann:pw').err, AUTHFAILED);
});

test('a SASL packet without SASL is answered with a null token (11.24)', () => {
  const client = new TestServer().connect();
  const reply = client.call('sasl', { token: Buffer.from('hello') });
  assert.deepEqual([reply.err, reply.zxid, reply.body.token], [0, 0, null]);
});

test('an ACL with more entries than nodekeeper.aclEntriesMax is INVALIDACL, also if `auth` makes it longer', () => {
  const client = new TestServer({ aclEntriesMax: 10 }).connect();
  const networks = (count: number) =>
    Array.from({ length: count }, (_, index) => entry(31, 'ip', `127.0.0.${index}/8`));
  assert.equal(client.create('/fits', '', { acl: networks(10) }).err, 0);
  assert.equal(client.create('/long', '', { acl: networks(11) }).err, INVALIDACL);
  assert.equal(client.call('setACL', { path: '/fits', acl: networks(11), version: -1 }).err, INVALIDACL);
  client.auth('digest', 'ann:pw');
  client.auth('digest', 'bob:pw');
  assert.equal(client.create('/grows', '', { acl: [...networks(9), ...owner] }).err, INVALIDACL);
  assert.equal(client.create('/grows', '', { acl: [...networks(8), ...owner] }).err, 0);
});

test('a long ACL is parsed once, however often it is used, and allows the same as its entries one by one', () => {
  /** Counts how often an authentication provider is looked up. */
  class CountingProviders extends Map<string, AuthProvider> {
    looks = 0;
    override get(scheme: string): AuthProvider | undefined {
      this.looks++;
      return super.get(scheme);
    }
  }
  const providers = new CountingProviders(authProviders(defaultConfig()));
  const networks = Array.from({ length: 35_000 }, (_, index) => entry(1, 'ip', `10.${index >> 8}.${index & 255}.0/24`));
  const acl = [...networks, entry(Perm.WRITE, 'digest', ann), entry(Perm.ADMIN, 'digest', ann)];
  const access = new Access(providers, { skipAcl: false, aclEntriesMax: 10, aclBytesMax: 1000 });
  const from = (...ids: [scheme: string, id: string][]) => ids.map(([scheme, id]) => ({ scheme, id }));
  assert.equal(access.allows(acl, Perm.CREATE, from(['ip', '10.1.1.1'])), false);
  const { looks } = providers;
  assert.ok(looks < 3 * acl.length, `${looks} looks at ${acl.length} entries`);
  for (let index = 0; index < 100; index++) {
    const ids = from(['ip', `10.${index}.200.7`], ['digest', ann]);
    assert.deepEqual(
      [Perm.READ, Perm.WRITE, Perm.CREATE, Perm.DELETE, Perm.ADMIN].map((perm) => access.allows(acl, perm, ids)),
      [true, true, false, false, true],
    );
  }
  assert.equal(access.allows(acl, Perm.READ, from(['ip', '11.0.0.1'], ['digest', 'bob:x'])), false);
  assert.equal(providers.looks, looks);
});

test('ACLs are shared and counted, and an ACL that no node uses is dropped', () => {
  const server = new TestServer();
  const client = server.connect();
  const { acls } = server.database.tree;
  const before = acls.size;
  const acl = [entry(31, 'ip', '127.0.0.1')];
  client.create('/a', '', { acl });
  client.create('/b', '', { acl });
  assert.equal(acls.size, before + 1);
  client.delete('/a');
  client.call('setACL', { path: '/b', acl: openAcl, version: -1 });
  assert.equal(acls.size, before);
});

test('2.2.2 digest ids with SHA-3 equal those of ZooKeeper, and admit the super user', () => {
  const hash = digestId('super:test', 'sha3-256');
  assert.equal(hash, 'super:cRy/KPYuDpW/dtsepniTMpuiuupnWgdU9txltIfv3hA=');
  const server = new TestServer({ digestAuthAlgorithm: 'sha3-256', digestAuthSuperDigest: hash });
  const owner = server.connect();
  owner.auth('digest', 'ann:pw');
  owner.create('/a', '', { acl: [entry(Perm.ALL, 'auth', '')] });
  const other = server.connect();
  assert.equal(other.get('/a').err, NOAUTH);
  other.auth('digest', 'super:test');
  assert.equal(other.get('/a').err, 0);
});

test('2.2.7 scheme ensemble: a right name or no name is OK; a wrong one is disconnected without a reply', () => {
  const server = new TestServer({ ensembleAuthNames: ['one', 'two'] });
  const client = server.connect();
  for (const name of ['two', '']) assert.equal(client.auth('ensemble', name).err, 0);
  const lost = server.connect();
  lost.send('create', createRequest('/before'));
  lost.send('auth', { type: 0, scheme: 'ensemble', auth: Buffer.from('three') }, Xid.auth);
  server.settle();
  assert.deepEqual(
    lost.replies().map(({ err }) => err),
    [0],
    'earlier requests are answered',
  );
  assert.equal(lost.connection.open, false);
  const { ensembleAuthSuccess, ensembleAuthSkip, ensembleAuthFail } = server.view.metrics;
  assert.deepEqual([ensembleAuthSuccess.value, ensembleAuthSkip.value, ensembleAuthFail.value], [1, 1, 1]);
});

test('2.2.7 scheme ensemble: without a configured name, every name is OK', () => {
  const server = new TestServer();
  assert.equal(server.connect().auth('ensemble', 'any').err, 0);
  assert.equal(server.view.metrics.ensembleAuthSkip.value, 1);
});
