import assert from 'node:assert/strict';
import dns from 'node:dns';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect } from '../../src/index.js';
import { AddressRounds } from '../../src/node/address-rounds.js';
import { faultBench, startServerWithShortTicks, until } from '../support/fault-bench.js';

type Looked = (error: Error | null, addresses?: string | dns.LookupAddress[], family?: number) => void;

/**
 * Answers the first DNS lookups with these lists of addresses, in order, and all later lookups with the last list.
 * Returns the names that were looked up.
 */
function lookups(context: TestContext, ...lists: (readonly string[])[]): string[] {
  const asked: string[] = [];
  const look = (name: string, options: dns.LookupOptions, looked: Looked) => {
    asked.push(name);
    const list = lists.length > 1 ? lists.shift()! : lists[0]!;
    const addresses = list.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    setImmediate(() => {
      if (addresses.length === 0) looked(new Error(`no such name: ${name}`));
      else if (options.all) looked(null, addresses);
      else looked(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
  context.mock.method(dns, 'lookup', look);
  return asked;
}

const quick = { connectTimeoutMs: 10_000, reconnectDelayMs: { base: 1, max: 2 } };

test('7.1.4 a name is looked up at each attempt: the client finds a server that gets its name late, or moves', async (context) => {
  const { proxy } = await faultBench(context);
  const asked = lookups(context, [], [], ['127.0.0.1']);
  await using client = await connect(`zk.example:${proxy.port}`, quick);
  assert.deepEqual(asked, ['zk.example', 'zk.example', 'zk.example']);
  await client.sync();
  proxy.cut();
  await until('the client is connected again', () => client.stats().connects === 2);
  assert.equal(asked.length, 4);
  assert.equal(client.server, `zk.example:${proxy.port}`, 'the name of the connect string, not an address');
});

test('7.1.4 if one address of a name accepts and closes, the client connects to another one, anywhere in the list', async (context) => {
  const port = await startServerWithShortTicks(context);
  const useless = createServer((socket) => socket.destroy());
  useless.listen(port, '127.0.0.2');
  await once(useless, 'listening');
  context.after(() => useless.close());
  for (const list of [
    ['127.0.0.2', '127.0.0.1'],
    ['127.0.0.2', '127.0.0.3', '127.0.0.1'],
    ['127.0.0.1', '127.0.0.2'],
  ]) {
    lookups(context, list);
    await using client = await connect(`zk.example:${port}`, quick);
    await client.sync();
    context.mock.reset();
  }
});

test('7.1.4 the client tries the addresses of a name in turn, even if each lookup has another order', async (context) => {
  const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
  const rounds = new AddressRounds();
  lookups(
    context,
    ...Array.from({ length: 9 }, (_, index) => [...addresses.slice(index % 2), ...addresses.slice(0, index % 2)]),
  );
  const tried: string[] = [];
  for (let attempt = 0; attempt < 9; attempt++) {
    const first = await new Promise<string>((resolve, reject) => {
      rounds.lookup('zk.example', {}, (error, address) =>
        error === null ? resolve(address as string) : reject(error),
      );
    });
    rounds.tries('zk.example', first);
    tried.push(first);
  }
  for (const start of [0, 3, 6]) assert.deepEqual(tried.slice(start, start + 3).sort(), addresses);
});

for (const [what, dead] of [
  ['IPv6 before IPv4', '::1'],
  ['two of IPv4', '127.0.0.2'],
] as const) {
  test(`7.1.4 one attempt tries all addresses of a name, not only the first: ${what}`, async (context) => {
    const port = await startServerWithShortTicks(context);
    const asked = lookups(context, [dead, '127.0.0.1']);
    await using client = await connect(`zk.example:${port}`, quick);
    await client.sync();
    assert.equal(client.stats().failedConnects, 0);
    assert.equal(asked.length, 1);
  });
}
