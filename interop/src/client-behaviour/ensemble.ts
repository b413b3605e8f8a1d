import assert from 'node:assert/strict';
import { Events, refused, type Scenario } from './scenario.js';

export const ensemble: Scenario[] = [
  {
    name: 'sync resolves for any path, and later reads see earlier writes of other clients',
    async run({ zk, connect }) {
      const other = await connect();
      await other.create('/a', 'x');
      assert.equal(await zk.sync('/a'), undefined);
      assert.equal((await zk.get('/a')).data?.toString(), 'x');
      await zk.sync();
      await zk.sync('/none/of/this');
    },
  },
  {
    name: 'getConfig gives the empty text of a standalone server, and sets a watch',
    async run({ zk }) {
      const events = new Events();
      const { config, stat } = await zk.getConfig({ watch: events.watch });
      assert.equal(config, '');
      assert.equal(stat.dataLength, 0);
      assert.equal(stat.ephemeralOwner, 0n);
      assert.equal(zk.stats().watches.data, 1);
    },
  },
  {
    name: 'only an authorized client can write the configuration',
    inChroot: false,
    async run({ zk }) {
      await refused(zk.set('/zookeeper/config', 'x'), 'NOAUTH');
      assert.deepEqual((await zk.getAcl('/zookeeper/config')).acl, [{ scheme: 'world', id: 'anyone', perms: 1 }]);
      assert.deepEqual((await zk.get('/zookeeper/config')).stat, (await zk.getConfig()).stat);
    },
  },
  {
    name: 'reconfig is RECONFIGDISABLED if the server does not allow it, whatever the arguments',
    async run({ zk }) {
      const changes = [
        { joining: 'server.2=127.0.0.1:2888:3888;2181' },
        { leaving: '2,3' },
        { members: 'server.1=127.0.0.1:2888:3888;2181', fromConfig: 0x100000000n },
        {},
      ];
      for (const change of changes) await refused(zk.reconfig(change), 'RECONFIGDISABLED', { op: 'reconfig' });
      assert.equal(zk.state, 'CONNECTED');
    },
  },
  {
    name: 'whoAmI gives the address and every added identity, in any order',
    async run({ zk, connect }) {
      assert.deepEqual(await zk.whoAmI(), [{ scheme: 'ip', user: '127.0.0.1' }]);
      const other = await connect({
        auth: [
          { scheme: 'digest', auth: 'ann:x' },
          { scheme: 'digest', auth: Buffer.from('bob:y') },
        ],
      });
      await other.addAuth('digest', 'ann:x');
      const users = (await other.whoAmI()).map(({ scheme, user }) => `${scheme} ${user}`);
      assert.deepEqual(users.sort(), ['digest ann', 'digest bob', 'ip 127.0.0.1']);
    },
  },
  {
    name: 'a write that exceeds a hard quota gets QUOTAEXCEEDED',
    inChroot: false,
    async run({ zk }) {
      await zk.create('/q', '12345');
      const quota = 'count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=2';
      await zk.createWithParents('/zookeeper/quota/q/zookeeper_limits', quota);
      await zk.create('/zookeeper/quota/q/zookeeper_stats', 'count=1,bytes=5');
      try {
        await zk.create('/q/a', '123');
        await refused(zk.create('/q/b'), 'QUOTAEXCEEDED', { path: '/q/b', message: /quota is exceeded/ });
        await refused(zk.set('/q/a', '123456'), 'QUOTAEXCEEDED', { op: 'set', path: '/q/a' });
        await zk.set('/q/a', '12345');
        const error = await refused(zk.transaction().set('/q', '').create('/q/c').commit(), 'QUOTAEXCEEDED');
        assert.deepEqual(
          error.results?.map(({ code }) => code),
          ['OK', 'QUOTAEXCEEDED'],
        );
        assert.equal((await zk.get('/q')).data?.toString(), '12345');
      } finally {
        await zk.deleteRecursive('/zookeeper/quota/q');
      }
      await zk.create('/q/b', 'as much as one likes');
    },
  },
];
