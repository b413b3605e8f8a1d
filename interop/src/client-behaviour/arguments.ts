import assert from 'node:assert/strict';
import { connect, type Data, ZooKeeper, ZooKeeperError, type ZooKeeperErrorCode } from '@nodekeeper/client';
import { refused, type Scenario } from './scenario.js';

const badPaths: [path: string, message: RegExp][] = [
  ['', /Path length must be > 0/],
  ['a', /Path must start with \/ character/],
  ['a/b', /Path must start with \/ character/],
  ['/a/', /Path must not end with \/ character/],
  ['//a', /empty node name specified @1/],
  ['/a//b', /empty node name specified @3/],
  ['/.', /relative paths not allowed @1/],
  ['/a/../b', /relative paths not allowed @4/],
  ['/a/./b', /relative paths not allowed @3/],
  ['/nul\u0000', /null character not allowed @4/],
  ['/tab\t', /invalid character @4/],
  ['/del\u007f', /invalid character @4/],
  ['/c1\u009f', /invalid character @3/],
  ['/emoji\u{1f600}', /invalid character @6/],
  ['/private\uf8ff', /invalid character @8/],
  ['/specials\ufffd', /invalid character @9/],
];

const operations: Record<string, (zk: ZooKeeper, path: string) => Promise<unknown>> = {
  create: (zk, path) => zk.create(path),
  createWithParents: (zk, path) => zk.createWithParents(path),
  delete: (zk, path) => zk.delete(path),
  deleteRecursive: (zk, path) => zk.deleteRecursive(path),
  exists: (zk, path) => zk.exists(path),
  get: (zk, path) => zk.get(path),
  set: (zk, path) => zk.set(path, 'x'),
  children: (zk, path) => zk.children(path),
  getAllChildrenNumber: (zk, path) => zk.getAllChildrenNumber(path),
  getEphemerals: (zk, path) => zk.getEphemerals(path),
  getAcl: (zk, path) => zk.getAcl(path),
  setAcl: (zk, path) => zk.setAcl(path, [{ scheme: 'world', id: 'anyone', perms: 31 }]),
  sync: (zk, path) => zk.sync(path),
  addWatch: (zk, path) => zk.addWatch(path, () => {}),
  removeWatches: (zk, path) => zk.removeWatches(path),
  transaction: (zk, path) => zk.transaction().create(path).commit(),
  multiRead: (zk, path) => zk.multiRead().children(path).run(),
};

export const badArguments: Scenario[] = [
  {
    name: 'every operation refuses a bad path before it is sent, and says what is wrong and where',
    async run({ zk }) {
      const sent = zk.stats().requestsSent;
      for (const [name, operation] of Object.entries(operations)) {
        for (const [path, message] of badPaths) {
          const error = await refused(operation(zk, path), 'BADARGUMENTS', { outcome: 'not-sent', path, message });
          assert.equal(error.number, -8, name);
        }
      }
      assert.equal(zk.stats().requestsSent, sent);
    },
  },
  {
    name: 'a path that is no string is refused as well',
    async run({ zk }) {
      for (const path of [undefined, null, 5, {}] as unknown as string[]) {
        await refused(zk.get(path), 'BADARGUMENTS', { outcome: 'not-sent', message: /Path must be a string/ });
      }
    },
  },
  {
    name: 'a path that ends with a slash is good for sequential nodes only',
    async run({ zk }) {
      await zk.create('/a');
      assert.equal((await zk.create('/a/', '', { mode: 'EPHEMERAL_SEQUENTIAL' })).path, '/a/0000000000');
      await refused(zk.create('/a/', '', { mode: 'EPHEMERAL' }), 'BADARGUMENTS', { outcome: 'not-sent' });
    },
  },
  {
    name: 'versions are integers from -1 to 2^31-1',
    async run({ zk }) {
      await zk.create('/a');
      for (const version of [-2, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]) {
        const options = { outcome: 'not-sent', path: '/a', message: /version .* is not an integer from -1/ } as const;
        await refused(zk.set('/a', 'x', { version }), 'BADARGUMENTS', options);
        await refused(zk.delete('/a', { version }), 'BADARGUMENTS', options);
        await refused(
          zk.setAcl('/a', [{ scheme: 'world', id: 'anyone', perms: 1 }], { version }),
          'BADARGUMENTS',
          options,
        );
        await refused(zk.transaction().check('/a', version).commit(), 'BADARGUMENTS', options);
      }
      await refused(zk.set('/a', 'x', { version: 2 ** 31 - 1 }), 'BADVERSION');
    },
  },
  {
    name: 'data is bytes, text or null',
    async run({ zk }) {
      for (const data of [5, true, {}, [1, 2]] as unknown as Data[]) {
        const options = { outcome: 'not-sent', message: /data must be a Uint8Array, a string or null/ } as const;
        await refused(zk.create('/a', data), 'BADARGUMENTS', options);
        await refused(zk.set('/a', data), 'BADARGUMENTS', options);
      }
      await zk.create('/a', new Uint16Array([1]).buffer as unknown as Data).catch(() => {});
      assert.equal(await zk.exists('/a'), null);
    },
  },
  {
    name: 'an error is an Error, known by its brand, and its stack leads to who asked',
    async run({ zk }) {
      async function whoAsked(): Promise<void> {
        await zk.get('/none');
      }
      const error = await whoAsked().catch((reason: unknown) => reason);
      assert.ok(error instanceof Error && error instanceof ZooKeeperError);
      const isOne: (value: unknown, code?: ZooKeeperErrorCode) => boolean = ZooKeeperError.is;
      assert.deepEqual([isOne(error), isOne(error, 'NONODE'), isOne(error, 'NOAUTH')], [true, true, false]);
      for (const other of [new Error('NONODE'), undefined, null, 'NONODE']) assert.equal(isOne(other), false);
      assert.match(error.stack ?? '', /ZooKeeperError.*getData \/none.*\n(.*\n)*.*whoAsked/);
      assert.equal(String(error), 'ZooKeeperError: getData /none: there is no such node (NONODE)');
    },
  },
  {
    name: 'connect strings and options are checked, with what is wrong in the message',
    async run({ port }) {
      const wrong: [text: string | undefined, options: object, message: RegExp][] = [
        ['', {}, /names no server/],
        ['localhost:0', {}, /port 0 in "localhost:0"; ports are 1 to 65535/],
        ['localhost:65536', {}, /port 65536/],
        ['localhost:x', {}, /has "localhost:x" where host\[:port\] is expected/],
        ['::1:2181', {}, /write an IPv6 address in brackets/],
        [`127.0.0.1:${port}/a/`, {}, /has a bad chroot: Path must not end with/],
        [`127.0.0.1:${port}/a//b`, {}, /empty node name/],
        [undefined, { sessionTimeoutMs: 0 }, /option sessionTimeoutMs is 0; it must be a number from 1 to/],
        [undefined, { sessionTimeoutMs: Number.NaN }, /sessionTimeoutMs is NaN/],
        [undefined, { connectTimeoutMs: -1 }, /connectTimeoutMs is -1/],
        [undefined, { requestTimeoutMs: -1 }, /requestTimeoutMs is -1/],
        [undefined, { reconnectDelayMs: { base: -1, max: 5 } }, /reconnectDelayMs\.base is -1/],
        [undefined, { requestSizeMax: 0 }, /requestSizeMax is 0/],
        [undefined, { replySizeMax: 2 ** 32 }, /replySizeMax is 4294967296/],
      ];
      for (const [text, options, message] of wrong) {
        assert.throws(() => new ZooKeeper(text, options), { name: 'ZooKeeperError', code: 'BADARGUMENTS', message });
        await refused(connect(text, options), 'BADARGUMENTS', { outcome: 'not-sent', op: 'connect', message });
      }
      await using client = await connect(` 127.0.0.1:${port} , 127.0.0.1:${port}/`);
      assert.equal(client.chroot, '');
    },
  },
];
