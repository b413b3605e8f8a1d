import assert from 'node:assert/strict';
import { refused, type Scenario } from './scenario.js';

export const nodes: Scenario[] = [
  {
    name: 'create gives the path and the Stat of a new node',
    async run({ zk }) {
      const { path, stat } = await zk.create('/a', 'first');
      assert.equal(path, '/a');
      const { czxid, ctime, ...rest } = stat;
      assert.equal(czxid, zk.lastZxid);
      assert.ok(Math.abs(ctime - Date.now()) < 60_000, `ctime ${ctime} is now, in ms`);
      assert.deepEqual(rest, {
        mzxid: czxid,
        mtime: ctime,
        version: 0,
        cversion: 0,
        aversion: 0,
        ephemeralOwner: 0n,
        dataLength: 5,
        numChildren: 0,
        pzxid: czxid,
      });
      assert.deepEqual(await zk.exists('/a'), stat);
    },
  },
  {
    name: 'get gives the bytes that create wrote: text, bytes, a part of a buffer, empty, null',
    async run({ zk }) {
      await zk.create('/text', 'grüße, 世界');
      assert.equal((await zk.get('/text')).data?.toString(), 'grüße, 世界');
      await zk.create('/bytes', Uint8Array.of(0, 1, 254, 255));
      assert.deepEqual((await zk.get('/bytes')).data, Buffer.of(0, 1, 254, 255));
      await zk.create('/part', new Uint8Array([1, 2, 3, 4, 5]).subarray(1, 4));
      assert.deepEqual((await zk.get('/part')).data, Buffer.of(2, 3, 4));
      const { stat } = await zk.create('/empty');
      assert.equal(stat.dataLength, 0);
      assert.deepEqual((await zk.get('/empty')).data, Buffer.alloc(0));
      await zk.create('/null', null);
      assert.equal((await zk.get('/null')).data, null);
      assert.equal((await zk.get('/null')).stat.dataLength, 0);
    },
  },
  {
    name: 'data that was read belongs to the caller: later replies do not change it',
    async run({ zk }) {
      await zk.create('/a', 'aaaa');
      const { data } = await zk.get('/a');
      await zk.set('/a', 'bbbb');
      await Promise.all(Array.from({ length: 50 }, () => zk.get('/a')));
      assert.equal(data?.toString(), 'aaaa');
      data!.fill(0);
      assert.equal((await zk.get('/a')).data?.toString(), 'bbbb');
    },
  },
  {
    name: 'create copies its data, so that the caller can reuse the buffer at once',
    async run({ zk }) {
      const buffer = Buffer.from('first');
      const first = zk.create('/a', buffer);
      buffer.write('other');
      const second = zk.create('/b', buffer);
      await Promise.all([first, second]);
      assert.equal((await zk.get('/a')).data?.toString(), 'first');
      assert.equal((await zk.get('/b')).data?.toString(), 'other');
    },
  },
  {
    name: 'create gives NODEEXISTS, and NONODE without a parent',
    async run({ zk }) {
      await zk.create('/a');
      const error = await refused(zk.create('/a', 'again'), 'NODEEXISTS', { op: 'create', path: '/a' });
      assert.equal(error.number, -110);
      assert.match(error.message, /\/a.*already exists.*NODEEXISTS/);
      assert.equal(error.name, 'ZooKeeperError');
      await refused(zk.create('/none/child'), 'NONODE', { path: '/none/child' });
      assert.equal((await zk.get('/a')).stat.version, 0);
    },
  },
  {
    name: 'set replaces the data and gives the new Stat; a version is a condition',
    async run({ zk }) {
      const { stat: before } = await zk.create('/a', 'one');
      const after = await zk.set('/a', 'two!');
      assert.equal(after.version, 1);
      assert.equal(after.dataLength, 4);
      assert.equal(after.czxid, before.czxid);
      assert.equal(after.pzxid, before.pzxid);
      assert.equal(after.mzxid, zk.lastZxid);
      assert.ok(after.mzxid > before.mzxid && after.mtime >= before.mtime);
      assert.equal((await zk.set('/a', 'three', { version: 1 })).version, 2);
      const error = await refused(zk.set('/a', 'four', { version: 1 }), 'BADVERSION', { op: 'set', path: '/a' });
      assert.equal(error.number, -103);
      await refused(zk.set('/a', 'four', { version: 7 }), 'BADVERSION');
      assert.equal((await zk.get('/a')).data?.toString(), 'three');
      assert.equal((await zk.set('/a', null, { version: -1 })).dataLength, 0);
      assert.equal((await zk.get('/a')).data, null);
      await refused(zk.set('/none', 'x'), 'NONODE', { path: '/none' });
    },
  },
  {
    name: 'delete deletes a node; a version is a condition; a node with children stays',
    async run({ zk }) {
      await zk.create('/a');
      await zk.create('/a/b');
      await refused(zk.delete('/a'), 'NOTEMPTY', { op: 'delete', path: '/a', message: /has children/ });
      await zk.set('/a/b', 'x');
      await refused(zk.delete('/a/b', { version: 0 }), 'BADVERSION');
      assert.equal(await zk.delete('/a/b', { version: 1 }), undefined);
      await refused(zk.delete('/a/b'), 'NONODE');
      await zk.delete('/a');
      assert.equal(await zk.exists('/a'), null);
      await refused(zk.delete('/none/child'), 'NONODE', { path: '/none/child' });
    },
  },
  {
    name: 'exists gives null for a missing node, and get and children give NONODE',
    async run({ zk }) {
      assert.equal(await zk.exists('/none'), null);
      const error = await refused(zk.get('/none'), 'NONODE', { op: 'get', path: '/none' });
      assert.equal(error.number, -101);
      await refused(zk.children('/none'), 'NONODE', { op: 'children', path: '/none' });
    },
  },
  {
    name: 'children gives names and the Stat of the parent, which counts the changes of its children',
    async run({ zk }) {
      await zk.create('/a');
      assert.deepEqual((await zk.children('/a')).children, []);
      const created = await zk.create('/a/x');
      await zk.create('/a/y');
      await zk.create('/a/x/deep');
      const { children, stat } = await zk.children('/a');
      assert.deepEqual(children.sort(), ['x', 'y']);
      assert.equal(stat.numChildren, 2);
      assert.equal(stat.cversion, 2);
      assert.ok(stat.pzxid > created.stat.czxid);
      assert.equal(stat.version, 0);
      await zk.delete('/a/y');
      const after = (await zk.children('/a')).stat;
      assert.equal(after.cversion, 3);
      assert.equal(after.numChildren, 1);
      assert.equal(after.pzxid, zk.lastZxid);
    },
  },
  {
    name: 'getAllChildrenNumber counts the whole subtree',
    async run({ zk }) {
      for (const path of ['/a', '/a/x', '/a/x/1', '/a/x/2', '/a/y', '/ab']) await zk.create(path);
      assert.equal(await zk.getAllChildrenNumber('/a'), 4);
      assert.equal(await zk.getAllChildrenNumber('/a/x'), 2);
      assert.equal(await zk.getAllChildrenNumber('/ab'), 0);
      await refused(zk.getAllChildrenNumber('/none'), 'NONODE', { op: 'getAllChildrenNumber', path: '/none' });
    },
  },
  {
    name: 'getAllChildrenNumber of the root counts the nodes of the server itself too',
    inChroot: false,
    async run({ zk }) {
      assert.equal(await zk.getAllChildrenNumber('/'), 3);
      await zk.create('/a');
      assert.equal(await zk.getAllChildrenNumber('/'), 4);
      assert.deepEqual((await zk.children('/')).children.sort(), ['a', 'zookeeper']);
      assert.deepEqual((await zk.children('/zookeeper')).children.sort(), ['config', 'quota']);
    },
  },
  {
    name: 'nodes of the server itself cannot be deleted, and the root can be read and written',
    inChroot: false,
    async run({ zk }) {
      for (const path of ['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config']) {
        await refused(zk.delete(path), 'BADARGUMENTS', { path });
      }
      const stat = await zk.set('/', 'root');
      assert.equal((await zk.get('/', {})).data?.toString(), 'root');
      assert.ok(stat.version > 0);
      await zk.set('/', '');
    },
  },
  {
    name: 'names can contain anything that ZooKeeper allows: dots, spaces, other scripts, 1,000 characters',
    async run({ zk }) {
      const names = ['.a', 'b..', '...', 'with space', 'ünï-çødé', '日本語', 'x'.repeat(1000), '%2F', '\\', '"quoted"'];
      for (const name of names) assert.equal((await zk.create(`/${name}`, name)).path, `/${name}`);
      const { children } = await zk.children('/');
      for (const name of names) {
        assert.ok(children.includes(name), name);
        assert.equal((await zk.get(`/${name}`)).data?.toString(), name);
      }
    },
  },
  {
    name: 'a node holds almost one MiB, and a larger one is rejected before it is sent',
    inChroot: false,
    async run({ zk }) {
      const large = Buffer.alloc(1_000_000, 'x');
      await zk.create('/large', large);
      assert.ok((await zk.get('/large')).data?.equals(large));
      const options = { outcome: 'not-sent', message: /the limit is 1048575.*jute\.maxbuffer/ } as const;
      await refused(zk.create('/larger', Buffer.alloc(1_100_000)), 'BADARGUMENTS', options);
      await refused(zk.set('/large', Buffer.alloc(1_100_000)), 'BADARGUMENTS', options);
      assert.equal(zk.state, 'CONNECTED');
      assert.equal(await zk.exists('/larger'), null);
    },
  },
  {
    name: 'requests are carried out in the order of the calls, without waiting in between',
    async run({ zk }) {
      await zk.create('/a', '0');
      const work: Promise<unknown>[] = [];
      const versions: number[] = [];
      for (let index = 1; index <= 300; index++) {
        work.push(zk.set('/a', String(index), { version: index - 1 }).then(({ version }) => versions.push(version)));
        if (index % 3 === 0) {
          work.push(zk.get('/a').then(({ data }) => assert.equal(data?.toString(), String(index))));
        }
      }
      await Promise.all(work);
      assert.deepEqual(
        versions,
        Array.from({ length: 300 }, (_, index) => index + 1),
      );
    },
  },
  {
    name: 'a failed request does not stop later ones',
    async run({ zk }) {
      const results = await Promise.allSettled([
        zk.create('/a'),
        zk.create('/a'),
        zk.create('/a/b'),
        zk.delete('/a'),
        zk.delete('/a/b'),
        zk.delete('/a'),
        zk.get('/a'),
      ]);
      const codes = results.map((result) => (result.status === 'fulfilled' ? 'ok' : result.reason.code));
      assert.deepEqual(codes, ['ok', 'NODEEXISTS', 'ok', 'NOTEMPTY', 'ok', 'ok', 'NONODE']);
    },
  },
];
