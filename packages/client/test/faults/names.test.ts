import assert from 'node:assert/strict';
import dns from 'node:dns';
import { type TestContext, test } from 'node:test';
import { connect } from '../../src/index.js';
import { faultBench, startServerWithShortTicks, until } from '../support/fault-bench.js';

type Looked = (error: Error | null, addresses?: string | dns.LookupAddress[], family?: number) => void;

/** Looks names up in these lists of addresses, one after the other and the last one again and again; gives what was asked. */
function lookups(context: TestContext, ...lists: (readonly string[])[]): string[] {
  const asked: string[] = [];
  const look = (name: string, options: dns.LookupOptions, looked: Looked) => {
    asked.push(name);
    const list = lists.length > 1 ? lists.shift()! : lists[0];
    const addresses = list.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    setImmediate(() => {
      if (addresses.length === 0) looked(new Error(`no such name: ${name}`));
      else if (options.all) looked(null, addresses);
      else looked(null, addresses[0].address, addresses[0].family);
    });
  };
  context.mock.method(dns, 'lookup', look);
  return asked;
}

const quick = { connectTimeoutMs: 10_000, reconnectDelayMs: { base: 1, max: 2 } };

test('7.1.4 a name is looked up anew at each attempt: a server that gets its name late, or moves, is found', async (context) => {
  const { proxy } = await faultBench(context);
  const asked = lookups(context, [], [], ['127.0.0.1']);
  await using client = await connect(`zk.example:${proxy.port}`, quick);
  assert.deepEqual(asked, ['zk.example', 'zk.example', 'zk.example']);
  await client.sync();
  proxy.cut();
  await until('it is connected again', () => client.stats().connects === 2);
  assert.equal(asked.length, 4);
  assert.equal(client.server, `zk.example:${proxy.port}`, 'the name that was given, not an address');
});

for (const [what, dead] of [
  ['IPv6 before IPv4', '::1'],
  ['two of IPv4', '127.0.0.2'],
] as const) {
  test(`7.1.4 all addresses of a name are tried within one attempt, not only the first: ${what}`, async (context) => {
    const port = await startServerWithShortTicks(context);
    const asked = lookups(context, [dead, '127.0.0.1']);
    await using client = await connect(`zk.example:${port}`, quick);
    await client.sync();
    assert.equal(client.stats().failedConnects, 0);
    assert.equal(asked.length, 1);
  });
}
