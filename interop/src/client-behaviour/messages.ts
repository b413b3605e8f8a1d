import assert from 'node:assert/strict';
import { READ_ACL, ZooKeeperError } from '@nodekeeper/client';
import type { Scenario } from './scenario.js';

async function messageOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => assert.fail('it went through'),
    (error: unknown) => (ZooKeeperError.is(error) ? error.message : assert.fail(error as Error)),
  );
}

export const messages: Scenario[] = [
  {
    name: "an error names the operation as in the API, the caller's path, the chroot, and the reason",
    async run({ zk, chroot }) {
      const place = chroot === '' ? '' : ` (chroot ${chroot})`;
      await zk.create('/a', 'x');
      await zk.create('/a/b');
      await zk.create('/mine', '', { mode: 'EPHEMERAL' });
      await zk.create('/closed', '', { acl: READ_ACL });
      const rows: [call: () => Promise<unknown>, message: string][] = [
        [() => zk.get('/none'), `get /none${place}: the node does not exist (NONODE)`],
        [() => zk.set('/none', ''), `set /none${place}: the node does not exist (NONODE)`],
        [() => zk.set('/a', '', { version: 7 }), `set /a${place}: the node has another version (BADVERSION)`],
        [() => zk.children('/none'), `children /none${place}: the node does not exist (NONODE)`],
        [() => zk.getAcl('/none'), `getAcl /none${place}: the node does not exist (NONODE)`],
        [() => zk.delete('/a'), `delete /a${place}: the node has children (NOTEMPTY)`],
        [() => zk.create('/a'), `create /a${place}: the node already exists (NODEEXISTS)`],
        [() => zk.create('/a/c/d'), `create /a/c/d${place}: the parent /a/c does not exist (NONODE)`],
        [() => zk.create('/none/', '', sequential), `create /none/${place}: the parent /none does not exist (NONODE)`],
        [
          () => zk.create('/none/c', '', { mode: 'CONTAINER' }),
          `create /none/c${place}: the parent /none does not exist (NONODE)`,
        ],
        [
          () => zk.create('/mine/a'),
          `create /mine/a${place}: the parent /mine is ephemeral and cannot have children (NOCHILDRENFOREPHEMERALS)`,
        ],
        [
          () => zk.create('/closed/a'),
          `create /closed/a${place}: the ACL of the parent /closed does not allow it (NOAUTH)`,
        ],
        [() => zk.set('/closed', ''), `set /closed${place}: the ACL does not allow it (NOAUTH)`],
        [
          () => zk.transaction().create('/b').create('/none/c').commit(),
          `create /none/c${place}: the parent /none does not exist (NONODE)`,
        ],
        [
          () => zk.createWithParents('/mine/a/b'),
          `create /mine/a${place}: the parent /mine is ephemeral and cannot have children (NOCHILDRENFOREPHEMERALS)`,
        ],
        [
          () => zk.removeWatches('/a'),
          `removeWatches /a${place}: the watch does not exist (NOWATCHER; it was not sent)`,
        ],
        [
          () => zk.reconfig({}),
          'reconfig /zookeeper/config: reconfiguration is disabled on the server (RECONFIGDISABLED)',
        ],
        [() => zk.get('a'), 'get a: Path must start with / character (BADARGUMENTS; it was not sent)'],
      ];
      for (const [call, message] of rows) assert.equal(await messageOf(call()), message);
      const [read] = await zk.multiRead().get('/none').run();
      assert.ok(read.status === 'rejected');
      assert.equal(read.reason.message, `get /none${place}: the node does not exist (NONODE)`);
    },
  },
  {
    name: 'an error says if the chroot, or an ancestor of it, does not exist',
    async run({ connectTo, chroot }) {
      await using inside = await connectTo('/none');
      const place = `(chroot ${chroot}/none)`;
      const rows: [call: () => Promise<unknown>, message: string][] = [
        [() => inside.get('/'), `get / ${place}: the chroot does not exist (NONODE)`],
        [() => inside.create('/a'), `create /a ${place}: the chroot does not exist (NONODE)`],
        [() => inside.create('/a/b'), `create /a/b ${place}: the parent /a does not exist (NONODE)`],
      ];
      for (const [call, message] of rows) assert.equal(await messageOf(call()), message);
      await using deeper = await connectTo('/none/of/these');
      const above = `create / (chroot ${chroot}/none/of/these): ${chroot}/none/of, the parent of the chroot, does not exist (NONODE)`;
      assert.equal(await messageOf(deeper.create('/')), above);
    },
  },
];

const sequential = { mode: 'PERSISTENT_SEQUENTIAL' } as const;
