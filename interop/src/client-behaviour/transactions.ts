import assert from 'node:assert/strict';
import { CREATOR_ALL_ACL, json, utf8, ZooKeeperError } from '@nodekeeper/client';
import { Events, refused, type Scenario } from './scenario.js';

const codes = (error: ZooKeeperError) => error.results?.map(({ code }) => code);

export const transactions: Scenario[] = [
  {
    name: 'a transaction gives a result for each operation, all with one zxid',
    async run({ zk }) {
      await zk.create('/old', 'x');
      await zk.create('/gone');
      const results = await zk
        .transaction()
        .check('/old', 0)
        .create('/a', 'one')
        .create('/a/b', 'two')
        .set('/old', 'y', { version: 0 })
        .set('/a', 'three')
        .delete('/gone', { version: 0 })
        .check('/a', 1)
        .commit();
      const [check, a, b, old, set, gone, last] = results;
      assert.equal(results.length, 7);
      assert.deepEqual([check, gone, last], [undefined, undefined, undefined]);
      assert.deepEqual([a.path, b.path], ['/a', '/a/b']);
      assert.equal(old.version, 1);
      assert.equal(set.version, 1);
      const zxid = zk.lastZxid;
      assert.deepEqual([a.stat.czxid, b.stat.czxid, old.mzxid, set.mzxid], [zxid, zxid, zxid, zxid]);
      assert.equal((await zk.get('/a')).data?.toString(), 'three');
      assert.equal(await zk.exists('/gone'), null);
    },
  },
  {
    name: 'all create modes work in a transaction',
    async run({ zk }) {
      const [, sequential, ephemeral, box, ttl, both] = await zk
        .transaction()
        .create('/q')
        .create('/q/s-', 'x', { mode: 'PERSISTENT_SEQUENTIAL' })
        .create('/q/e', 'x', { mode: 'EPHEMERAL' })
        .create('/q/box', 'x', { mode: 'CONTAINER' })
        .create('/q/ttl', 'x', { mode: 'PERSISTENT_WITH_TTL', ttlMs: 3_600_000 })
        .create('/q/es-', 'x', { mode: 'EPHEMERAL_SEQUENTIAL' })
        .commit();
      assert.equal(sequential.path, '/q/s-0000000000');
      assert.equal(ephemeral.stat.ephemeralOwner, zk.session.id);
      assert.equal(box.stat.ephemeralOwner, 0n);
      assert.equal(ttl.stat.ephemeralOwner, 0n);
      assert.equal(both.path, '/q/es-0000000004');
      assert.deepEqual((await zk.getEphemerals('/q')).sort(), ['/q/e', '/q/es-0000000004']);
    },
  },
  {
    name: 'a failed operation undoes the transaction, and the error has the result of each operation',
    async run({ zk }) {
      await zk.create('/a', 'x');
      const before = (await zk.children('/')).stat;
      const error = await refused(
        zk.transaction().create('/b').set('/a', 'y').delete('/none').create('/c').check('/a').commit(),
        'NONODE',
        { op: 'delete', path: '/none' },
      );
      assert.deepEqual(codes(error), ['OK', 'OK', 'NONODE', 'RUNTIMEINCONSISTENCY', 'RUNTIMEINCONSISTENCY']);
      assert.deepEqual(
        error.results?.map(({ path }) => path),
        ['/b', '/a', '/none', '/c', '/a'],
      );
      assert.match(error.results![0]!.message, /undone/);
      assert.match(error.results![3]!.message, /not tried/);
      assert.ok(error.results!.every((result) => ZooKeeperError.is(result) && result.outcome === 'rejected'));
      assert.equal((await zk.get('/a')).data?.toString(), 'x');
      assert.equal((await zk.get('/a')).stat.version, 0);
      assert.equal(await zk.exists('/b'), null);
      const after = (await zk.children('/')).stat;
      assert.deepEqual(
        [after.cversion, after.numChildren, after.pzxid],
        [before.cversion, before.numChildren, before.pzxid],
      );
    },
  },
  {
    name: 'each operation of a transaction fails for its own reason',
    async run({ zk, connect }) {
      const owner = await connect({ auth: [{ scheme: 'digest', auth: 'bob:secret' }] });
      await owner.create('/private', '', { acl: CREATOR_ALL_ACL });
      await zk.create('/a');
      await zk.create('/a/b');
      await zk.create('/mine', '', { mode: 'EPHEMERAL' });
      const alone = async (
        code: Parameters<typeof refused>[1],
        add: (start: ReturnType<typeof zk.transaction>) => { commit(): Promise<unknown> },
      ) => {
        const error = await refused(add(zk.transaction()).commit(), code);
        assert.deepEqual(codes(error), [code]);
      };
      await alone('NODEEXISTS', (start) => start.create('/a'));
      await alone('NONODE', (start) => start.create('/none/child'));
      await alone('NOCHILDRENFOREPHEMERALS', (start) => start.create('/mine/child'));
      await alone('INVALIDACL', (start) => start.create('/x', '', { acl: CREATOR_ALL_ACL }));
      await alone('NOAUTH', (start) => start.create('/private/x'));
      await alone('NONODE', (start) => start.set('/none', 'x'));
      await alone('BADVERSION', (start) => start.set('/a', 'x', { version: 3 }));
      await alone('NOAUTH', (start) => start.set('/private', 'x'));
      await alone('NOTEMPTY', (start) => start.delete('/a'));
      await alone('BADVERSION', (start) => start.delete('/a/b', { version: 3 }));
      await alone('NONODE', (start) => start.check('/none'));
      await alone('BADVERSION', (start) => start.check('/a', 3));
      await alone('NOAUTH', (start) => start.check('/private'));
      assert.deepEqual((await zk.children('/a')).children, ['b']);
    },
  },
  {
    name: 'operations of a transaction see the earlier ones',
    async run({ zk }) {
      await zk
        .transaction()
        .create('/a')
        .create('/a/b')
        .set('/a/b', 'x', { version: 0 })
        .delete('/a/b', { version: 1 })
        .delete('/a', { version: 0 })
        .create('/a', 'again')
        .commit();
      const { data, stat } = await zk.get('/a');
      assert.equal(data?.toString(), 'again');
      assert.equal(stat.czxid, zk.lastZxid);
      const error = await refused(zk.transaction().delete('/a').set('/a', 'x').commit(), 'NONODE', { path: '/a' });
      assert.deepEqual(codes(error), ['OK', 'NONODE']);
      assert.ok(await zk.exists('/a'));
    },
  },
  {
    name: 'a transaction without operations succeeds and does nothing',
    async run({ zk }) {
      assert.deepEqual(await zk.transaction().commit(), []);
    },
  },
  {
    name: 'arguments of a transaction are checked before it is sent',
    async run({ zk }) {
      const wrong = (path: string, message: RegExp) => ({ outcome: 'not-sent', path, message }) as const;
      await refused(zk.transaction().create('a').commit(), 'BADARGUMENTS', wrong('a', /must start with \//));
      await refused(
        zk.transaction().create('/x').set('/a/', 'x').commit(),
        'BADARGUMENTS',
        wrong('/a/', /must not end/),
      );
      await refused(
        zk.transaction().delete('/a', { version: -2 }).commit(),
        'BADARGUMENTS',
        wrong('/a', /options\.version .*got -2/),
      );
      await refused(zk.transaction().check('/a', 1.5).commit(), 'BADARGUMENTS', wrong('/a', /version .*got 1\.5/));
      assert.equal(await zk.exists('/x'), null);
    },
  },
  {
    name: 'a transaction fires the watches of all its changes, and a failed one fires none',
    async run({ zk }) {
      await zk.create('/a');
      await zk.create('/b');
      const events = new Events();
      await zk.addWatch('/', events.watch);
      await refused(zk.transaction().set('/a', 'x').delete('/none').commit(), 'NONODE');
      assert.deepEqual(events.rest(), []);
      await zk.transaction().set('/a', 'x').delete('/b').create('/c').commit();
      assert.deepEqual(events.rest(), ['NodeDataChanged /a', 'NodeDeleted /b', 'NodeCreated /c']);
      assert.deepEqual(
        events.all.map(({ zxid }) => zxid),
        [zk.lastZxid, zk.lastZxid, zk.lastZxid],
      );
    },
  },
  {
    name: 'transactions accept codecs, and a transaction can be committed again',
    async run({ zk }) {
      await zk.create('/a');
      const add = zk
        .transaction()
        .create('/a/n-', { n: 1 }, { mode: 'PERSISTENT_SEQUENTIAL', codec: json<{ n: number }>() })
        .set('/a', 'täxt', { codec: utf8 });
      const [{ path: first }] = await add.commit();
      const [{ path: second }] = await add.commit();
      assert.deepEqual([first, second], ['/a/n-0000000000', '/a/n-0000000001']);
      assert.deepEqual((await zk.get(second, { codec: json<{ n: number }>() })).data, { n: 1 });
      assert.equal((await zk.get('/a', { codec: utf8 })).data, 'täxt');
    },
  },
  {
    name: 'a transaction can have 1,000 operations, but must not be larger than a request may be',
    inChroot: false,
    async run({ zk }) {
      const many = zk.transaction().create('/many');
      for (let index = 1; index < 1000; index++) many.create(`/many/${index}`, 'x');
      assert.equal((await many.commit()).length, 1000);
      assert.equal((await zk.children('/many')).stat.numChildren, 999);
      const large = zk.transaction();
      for (let index = 0; index < 3; index++) large.set('/many', Buffer.alloc(500_000));
      await refused(large.commit(), 'BADARGUMENTS', { outcome: 'not-sent', message: /the limit is/ });
    },
  },
  {
    name: 'multiRead gives each read its own result, in order',
    async run({ zk, connect }) {
      const owner = await connect({ auth: [{ scheme: 'digest', auth: 'bob:secret' }] });
      await owner.create('/private', '', { acl: CREATOR_ALL_ACL });
      await zk.create('/a', 'x');
      await zk.create('/a/b', '{"n":1}');
      await zk.create('/null', null);
      const [a, children, none, noChildren, forbidden, parsed, empty, bad] = await zk
        .multiRead()
        .get('/a')
        .children('/a')
        .get('/none')
        .children('/none')
        .get('/private')
        .get('/a/b', { codec: json<{ n: number }>() })
        .get('/null')
        .get('/a', { codec: json() })
        .run();
      assert.ok(a.status === 'fulfilled' && children.status === 'fulfilled');
      assert.equal(a.value.data?.toString(), 'x');
      assert.deepEqual(a.value.stat, await zk.exists('/a'));
      assert.deepEqual(children.value, ['b']);
      assert.deepEqual(
        [none, noChildren, forbidden, bad].map((result) => (result.status === 'rejected' ? result.reason.code : 'ok')),
        ['NONODE', 'NONODE', 'NOAUTH', 'INVALID_DATA'],
      );
      assert.ok(none.status === 'rejected' && none.reason.path === '/none' && none.reason.op === 'get');
      assert.ok(parsed.status === 'fulfilled' && parsed.value.data?.n === 1);
      assert.ok(empty.status === 'fulfilled' && empty.value.data === null);
    },
  },
  {
    name: 'multiRead without reads gives nothing, and invalid paths are rejected before it is sent',
    async run({ zk }) {
      assert.deepEqual(await zk.multiRead().run(), []);
      await refused(zk.multiRead().get('/a').children('b').run(), 'BADARGUMENTS', { outcome: 'not-sent', path: 'b' });
    },
  },
];
