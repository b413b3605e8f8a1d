import assert from 'node:assert/strict';
import { type Acl, CREATOR_ALL_ACL, digestId, OPEN_ACL, Perm, READ_ACL } from '@nodekeeper/client';
import { Events, refused, type Scenario, sessionEvents, until } from './scenario.js';

const bob = { scheme: 'digest', auth: 'bob:secret' } as const;
const bobId = digestId('bob', 'secret');
const forBob = (perms: number): Acl => ({ scheme: 'digest', id: bobId, perms });
const forAll = (perms: number): Acl => ({ scheme: 'world', id: 'anyone', perms });

export const access: Scenario[] = [
  {
    name: 'getAcl and setAcl: aversion counts the changes, and is the condition',
    async run({ zk }) {
      await zk.create('/a');
      assert.deepEqual((await zk.getAcl('/a')).acl, OPEN_ACL);
      const stat = await zk.setAcl('/a', [forAll(Perm.READ | Perm.ADMIN)]);
      assert.equal(stat.aversion, 1);
      assert.equal(stat.version, 0);
      const read = await zk.getAcl('/a');
      assert.deepEqual(read.acl, [{ scheme: 'world', id: 'anyone', perms: 17 }]);
      assert.deepEqual(read.stat, stat);
      await refused(zk.setAcl('/a', OPEN_ACL, { version: 0 }), 'BADVERSION', { op: 'setAcl', path: '/a' });
      assert.equal((await zk.setAcl('/a', OPEN_ACL, { version: 1 })).aversion, 2);
      await refused(zk.setAcl('/none', OPEN_ACL), 'NONODE', { path: '/none' });
      await refused(zk.getAcl('/none'), 'NONODE', { op: 'getAcl', path: '/none' });
    },
  },
  {
    name: 'each permission opens its operations and no other',
    async run({ zk, connect }) {
      const owner = await connect({ auth: [bob] });
      const checks: Record<string, [perm: number, attempt: () => Promise<unknown>]> = {
        get: [Perm.READ, () => zk.get('/p')],
        exists: [Perm.READ, () => zk.exists('/p')],
        children: [Perm.READ, () => zk.children('/p')],
        getAllChildrenNumber: [Perm.READ, () => zk.getAllChildrenNumber('/p')],
        check: [Perm.READ, () => zk.transaction().check('/p').commit()],
        set: [Perm.WRITE, () => zk.set('/p', 'x')],
        create: [Perm.CREATE, () => zk.create('/p/new-', '', { mode: 'PERSISTENT_SEQUENTIAL' })],
        delete: [Perm.DELETE, () => zk.delete('/p/child')],
        setAcl: [Perm.ADMIN, () => zk.setAcl('/p', [forAll(Perm.ADMIN), forBob(Perm.ALL)])],
        getAcl: [Perm.READ | Perm.ADMIN, () => zk.getAcl('/p')],
      };
      await owner.create('/p');
      await owner.create('/p/child');
      for (const perm of [Perm.READ, Perm.WRITE, Perm.CREATE, Perm.DELETE, Perm.ADMIN]) {
        await owner.setAcl('/p', [forAll(perm), forBob(Perm.ALL)]);
        for (const [name, [needed, attempt]] of Object.entries(checks)) {
          if ((needed & perm) === 0)
            await refused(attempt(), 'NOAUTH', { message: /the ACL .*does not allow it \(NOAUTH\)/ });
          else assert.notEqual(await attempt().catch((error) => error.code), 'NOAUTH', `${name} with ${perm}`);
        }
      }
    },
  },
  {
    name: 'addAuth gives this client an identity, for the ACL of a node and for whoAmI',
    async run({ zk, connect }) {
      const owner = await connect({ auth: [bob] });
      await owner.create('/private', 'secret', { acl: CREATOR_ALL_ACL });
      assert.deepEqual((await owner.getAcl('/private')).acl, [forBob(Perm.ALL)]);
      await refused(zk.get('/private'), 'NOAUTH', { op: 'get', path: '/private' });
      await refused(zk.getAcl('/private'), 'NOAUTH');
      await zk.addAuth('digest', 'ann:other');
      await refused(zk.get('/private'), 'NOAUTH');
      await zk.addAuth('digest', Buffer.from('bob:secret'));
      assert.equal((await zk.get('/private')).data?.toString(), 'secret');
      assert.deepEqual((await zk.whoAmI()).sort(bySchemeAndUser), [
        { scheme: 'digest', user: 'ann' },
        { scheme: 'digest', user: 'bob' },
        { scheme: 'ip', user: '127.0.0.1' },
      ]);
      await zk.set('/private', 'changed');
      assert.equal((await owner.get('/private')).stat.version, 1);
    },
  },
  {
    name: 'addAuth keeps its order with the requests before and after it',
    async run({ zk, connect }) {
      const owner = await connect({ auth: [bob] });
      await owner.create('/private', 'x', { acl: CREATOR_ALL_ACL });
      const before = refused(zk.get('/private'), 'NOAUTH');
      await before;
      const auth = zk.addAuth(bob.scheme, bob.auth);
      const after = zk.get('/private');
      await auth;
      assert.equal((await after).data?.toString(), 'x');
    },
  },
  {
    name: 'unknown credentials end the session: AUTHFAILED, and AuthFailed once',
    async run({ zk, connect }) {
      const client = await connect({ sessionTimeoutMs: 600 });
      await client.create('/theirs', '', { mode: 'EPHEMERAL' });
      const events = sessionEvents(client);
      const addAuth = refused(client.addAuth('nonsense', 'x'), 'AUTHFAILED', {
        op: 'addAuth',
        message: /the server rejected the credentials of scheme "nonsense"/,
      });
      const behind = client.exists('/a');
      const [, later] = await Promise.allSettled([addAuth, behind]);
      assert.equal(client.state, 'AUTH_FAILED');
      assert.deepEqual(events, ['AuthFailed']);
      if (later.status === 'rejected') assert.equal(later.reason.code, 'AUTHFAILED');
      await refused(client.exists('/a'), 'AUTHFAILED', { outcome: 'not-sent' });
      await refused(client.addAuth('digest', 'a:b'), 'AUTHFAILED', { outcome: 'not-sent' });
      await refused(client.connected(), 'AUTHFAILED', { outcome: 'not-sent' });
      await client.close();
      assert.deepEqual(events, ['AuthFailed']);
      await until('the server lets the session expire', async () => (await zk.exists('/theirs')) === null);
    },
  },
  {
    name: 'without the permission ADMIN, digests in an ACL are hidden',
    async run({ zk, connect }) {
      const owner = await connect({ auth: [bob] });
      await owner.create('/a', '', { acl: [forBob(Perm.ALL), forAll(Perm.READ)] });
      assert.deepEqual((await zk.getAcl('/a')).acl, [
        { scheme: 'digest', id: 'bob:x', perms: Perm.ALL },
        { scheme: 'world', id: 'anyone', perms: Perm.READ },
      ]);
      assert.equal((await owner.getAcl('/a')).acl[0]?.id, bobId);
    },
  },
  {
    name: 'ACLs by address: with a mask, without a mask, and of another address',
    async run({ zk }) {
      const of = (id: string, perms: number = Perm.ALL): Acl[] => [{ scheme: 'ip', id, perms }];
      await zk.create('/here', 'x', { acl: of('127.0.0.1') });
      assert.equal((await zk.get('/here')).data?.toString(), 'x');
      await zk.create('/net', 'x', { acl: of('127.0.0.0/8', Perm.READ) });
      assert.equal((await zk.get('/net')).data?.toString(), 'x');
      await refused(zk.set('/net', 'y'), 'NOAUTH');
      await zk.create('/there', 'x', { acl: of('10.0.0.1') });
      await refused(zk.get('/there'), 'NOAUTH');
    },
  },
  {
    name: 'INVALIDACL: from the server for an invalid list, from the client for an empty list',
    async run({ zk }) {
      const bad: Acl[][] = [
        [{ scheme: 'world', id: 'someone', perms: 1 }],
        [{ scheme: 'nonsense', id: 'x', perms: 1 }],
        [{ scheme: 'ip', id: 'not an address', perms: 1 }],
        [{ scheme: 'digest', id: 'no-colon', perms: 1 }],
        [...CREATOR_ALL_ACL],
      ];
      for (const acl of bad) await refused(zk.create('/a', '', { acl }), 'INVALIDACL', { path: '/a' });
      await zk.create('/a');
      for (const acl of bad) await refused(zk.setAcl('/a', acl), 'INVALIDACL', { op: 'setAcl' });
      const own = { outcome: 'not-sent', message: /must have at least one entry/ } as const;
      await refused(zk.create('/b', '', { acl: [] }), 'INVALIDACL', own);
      await refused(zk.setAcl('/a', []), 'INVALIDACL', own);
      await refused(zk.transaction().create('/b', '', { acl: [] }).commit(), 'INVALIDACL', own);
      assert.equal((await zk.getAcl('/a')).stat.aversion, 0);
    },
  },
  {
    name: 'equal entries of an ACL become one',
    async run({ zk }) {
      await zk.create('/a', '', { acl: [forAll(31), forBob(1), forAll(31), forBob(1)] });
      assert.deepEqual((await zk.getAcl('/a')).acl, [forAll(31), forBob(1)]);
    },
  },
  {
    name: 'READ_ACL lets everyone read, and gives no other permission',
    async run({ zk }) {
      await zk.create('/a', 'x', { acl: READ_ACL });
      assert.equal((await zk.get('/a')).data?.toString(), 'x');
      await refused(zk.set('/a', 'y'), 'NOAUTH');
      await refused(zk.setAcl('/a', OPEN_ACL), 'NOAUTH');
      await zk.delete('/a'); // the ACL of the parent decides
    },
  },
  {
    name: 'the super user may do everything',
    async run({ zk, connect }) {
      const owner = await connect({ auth: [bob] });
      await owner.create('/private', 'x', { acl: [forBob(Perm.ADMIN)] });
      await zk.addAuth('digest', 'super:secret');
      assert.equal((await zk.get('/private')).data?.toString(), 'x');
      await zk.set('/private', 'y');
      assert.ok((await zk.whoAmI()).some(({ scheme, user }) => scheme === 'digest' && user === 'super'));
    },
  },
  {
    name: 'a watch does not fire for a node that the client may no longer read',
    async run({ zk, connect }) {
      const owner = await connect({ auth: [bob] });
      await owner.create('/a', '', { acl: [forAll(Perm.READ), forBob(Perm.ALL)] });
      const events = new Events();
      await zk.addWatch('/a', events.watch);
      await owner.set('/a', 'seen');
      await owner.setAcl('/a', [forBob(Perm.ALL)]);
      await owner.set('/a', 'unseen');
      await owner.setAcl('/a', [forAll(Perm.READ), forBob(Perm.ALL)]);
      await owner.set('/a', 'seen');
      await zk.sync('/a');
      assert.deepEqual(events.rest(), ['NodeDataChanged /a', 'NodeDataChanged /a']);
    },
  },
  {
    name: 'digestId gives the id that the server makes of a user and a password',
    async run({ zk }) {
      assert.equal(digestId('bob', 'secret'), 'bob:fyVmFCwVbTJYrznoSu1koqYEYF0=');
      await zk.addAuth('digest', 'u:pass:with:colons');
      await zk.create('/a', '', { acl: CREATOR_ALL_ACL });
      assert.deepEqual((await zk.getAcl('/a')).acl[0]?.id, digestId('u', 'pass:with:colons'));
    },
  },
];

function bySchemeAndUser(one: { scheme: string; user: string }, other: { scheme: string; user: string }): number {
  return `${one.scheme}:${one.user}` < `${other.scheme}:${other.user}` ? -1 : 1;
}
