import assert from 'node:assert/strict';
import { connect, type Data, OPEN_ACL, ZooKeeper, ZooKeeperError, type ZooKeeperErrorCode } from '@nodekeeper/client';
import { refused, type Scenario } from './scenario.js';

const letters = { scheme: 'world', id: 'anyone', perms: 'cdrwa' };

/** The client without its TypeScript types, so that calls with wrong arguments compile. */
function loose(zk: ZooKeeper): Record<keyof ZooKeeper, LooseMethod> {
  const call = (name: keyof ZooKeeper) => (zk[name] as LooseMethod).bind(zk);
  return new Proxy({} as Record<keyof ZooKeeper, LooseMethod>, { get: (_, name) => call(name as keyof ZooKeeper) });
}

type LooseMethod = (...words: unknown[]) => Promise<unknown>;

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
    name: 'every operation rejects an invalid path before it is sent, with the reason and the position',
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
    name: 'a path that is not a string is rejected as well',
    async run({ zk }) {
      for (const path of [undefined, null, 5, {}] as unknown as string[]) {
        await refused(zk.get(path), 'BADARGUMENTS', { outcome: 'not-sent', message: /path must be a string, got/ });
      }
    },
  },
  {
    name: 'a path that ends with a slash is valid only for sequential nodes',
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
        const options = { outcome: 'not-sent', path: '/a', message: /version must be an integer from -1/ } as const;
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
        const options = { outcome: 'not-sent', message: /data must be a Uint8Array, a string or null, got/ } as const;
        await refused(zk.create('/a', data), 'BADARGUMENTS', options);
        await refused(zk.set('/a', data), 'BADARGUMENTS', options);
      }
      await zk.create('/a', new Uint16Array([1]).buffer as unknown as Data).catch(() => {});
      assert.equal(await zk.exists('/a'), null);
    },
  },
  {
    name: 'misplaced and unknown arguments, for example those of older clients, are rejected before anything is sent',
    async run({ zk }) {
      await zk.create('/a', 'x');
      const sent = zk.stats().requestsSent;
      const wrong: [call: () => Promise<unknown>, message: RegExp][] = [
        [() => loose(zk).create('/b', 'x', OPEN_ACL), /^create \/b: options must be an object, got an array/],
        [() => loose(zk).create('/b', 'x', 'EPHEMERAL'), /options must be an object, got "EPHEMERAL"/],
        [
          () => loose(zk).create('/b', 'x', { ephemeral: true }),
          /options\.ephemeral is unknown; the options are mode, acl/,
        ],
        [() => loose(zk).create('/b', 'x', { acl: OPEN_ACL[0] }), /options\.acl must be an array, got an object/],
        [() => loose(zk).set('/a', 'y', 0), /^set \/a: options must be an object, got 0/],
        [() => loose(zk).set('/a', 'y', { version: '0' }), /options\.version must be an integer .*, got "0"/],
        [() => loose(zk).set('/a', 'y', { verison: 7 }), /options\.verison is unknown/],
        [() => loose(zk).delete('/a', 7), /^delete \/a: options must be an object, got 7/],
        [
          () => loose(zk).setAcl('/a', [letters]),
          /^setAcl \/a: acl\[0\]\.perms must be a sum of Perm\..*, got "cdrwa"/,
        ],
        [() => loose(zk).get('/a', { watch: true }), /^get \/a: options\.watch must be a function, got true/],
        [() => loose(zk).get('/a', () => {}), /options must be an object, got a function/],
        [() => loose(zk).addWatch('/a'), /^addWatch \/a: callback must be a function, got undefined/],
        [() => loose(zk).deleteRecursive('/'), /to delete everything, give \{ wholeTree: true \}/],
        [() => loose(zk).deleteRecursive('/a', { wholeTree: true }), /options\.wholeTree is for the path \//],
        [() => loose(zk).reconfig({ members: 'x', joining: 'y' }), /change\.members cannot be combined with/],
      ];
      for (const [call, message] of wrong) await refused(call(), 'BADARGUMENTS', { outcome: 'not-sent', message });
      const both = { once: 'data', recursive: true } as const;
      assert.throws(() => zk.watch('/a', both), {
        code: 'BADARGUMENTS',
        message: /options\.once and options\.recursive cannot be combined/,
      });
      assert.equal(zk.stats().requestsSent, sent);
      assert.equal(String((await zk.get('/a')).data), 'x');
    },
  },
  {
    name: 'an error is an Error, known by its brand, and its stack leads to the caller',
    async run({ zk, chroot }) {
      async function whoAsked(): Promise<void> {
        await zk.get('/none');
      }
      const error = await whoAsked().catch((reason: unknown) => reason);
      assert.ok(error instanceof Error && error instanceof ZooKeeperError);
      const isOne: (value: unknown, code?: ZooKeeperErrorCode) => boolean = ZooKeeperError.is;
      assert.deepEqual([isOne(error), isOne(error, 'NONODE'), isOne(error, 'NOAUTH')], [true, true, false]);
      for (const other of [new Error('NONODE'), undefined, null, 'NONODE']) assert.equal(isOne(other), false);
      assert.match(error.stack ?? '', /ZooKeeperError.*get \/none.*\n(.*\n)*.*whoAsked/);
      const place = chroot === '' ? '' : ` (chroot ${chroot})`;
      assert.equal(String(error), `ZooKeeperError: get /none${place}: the node does not exist (NONODE)`);
    },
  },
  {
    name: 'connect strings and options are checked, and the message says what is wrong',
    async run({ port }) {
      const wrong: [text: string | undefined, options: object, message: RegExp][] = [
        ['', {}, /names no server/],
        ['localhost:0', {}, /port 0 in "localhost:0"; ports are 1 to 65535/],
        ['localhost:65536', {}, /port 65536/],
        ['localhost:x', {}, /has "localhost:x" where host\[:port\] is expected/],
        ['::1:2181', {}, /write an IPv6 address in brackets/],
        [`127.0.0.1:${port}/a/`, {}, /has a bad chroot: Path must not end with/],
        [`127.0.0.1:${port}/a//b`, {}, /empty node name/],
        [undefined, { sessionTimeout: 5 }, /options\.sessionTimeout is unknown; the options are sessionTimeoutMs/],
        [
          undefined,
          { session: { id: 5, password: Buffer.alloc(16) } },
          /session\.id must be a bigint of 64 bits, got 5/,
        ],
        [undefined, { session: { id: 5n } }, /session\.password must be a Uint8Array, got undefined/],
        [undefined, { auth: [{ auth: 'bob:secret' }] }, /options\.auth\[0\]\.scheme must be a string, got undefined/],
        [undefined, { auth: [{ scheme: 'digest', auth: 5 }] }, /auth\[0\]\.auth must be .*, got a number/],
        [undefined, { tls: false }, /options\.tls must be true or an object/],
        [undefined, { tls: { ca: 5 } }, /options\.tls is invalid: /],
        [undefined, { sessionTimeoutMs: 0 }, /options\.sessionTimeoutMs must be a number from 1 to 2147483647, got 0/],
        [undefined, { sessionTimeoutMs: Number.NaN }, /options\.sessionTimeoutMs must be .*, got NaN/],
        [undefined, { connectTimeoutMs: -1 }, /options\.connectTimeoutMs must be .*, got -1/],
        [undefined, { requestTimeoutMs: -1 }, /options\.requestTimeoutMs must be .*, got -1/],
        [undefined, { reconnectDelayMs: { base: -1, max: 5 } }, /options\.reconnectDelayMs\.base must be .*, got -1/],
        [undefined, { requestSizeMax: 0 }, /options\.requestSizeMax must be .*, got 0/],
        [undefined, { replySizeMax: 2 ** 32 }, /options\.replySizeMax must be .*, got 4294967296/],
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
