import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { ZooKeeper } from '@nodekeeper/client';
import {
  type RecipeError,
  ServiceProvider,
  type ServiceProviderOptions,
  ServiceRegistry,
  strategies,
} from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { caughtLater } from '../support/caught-later.js';
import { disturbed } from '../support/line.js';

async function started<Payload = unknown>(
  zk: ZooKeeper,
  options: ServiceProviderOptions<Payload> = {},
): Promise<ServiceProvider<Payload>> {
  const provider = new ServiceProvider(zk, '/services', 'api', options);
  await provider.start();
  return provider;
}

async function registryOf(zk: ZooKeeper, ...ids: string[]): Promise<ServiceRegistry> {
  const registry = new ServiceRegistry(zk, '/services');
  for (const id of ids) await registry.register({ name: 'api', id });
  return registry;
}

/** Waits until the provider has exactly these instances. */
async function untilIds(provider: ServiceProvider<unknown>, ids: string): Promise<void> {
  for await (const instances of provider) if (instances.map(({ id }) => id).join() === ids) return;
  assert.fail(`the provider ended without ${ids}`);
}

test('a provider follows the instances of its service', async (context) => {
  const bench = await recipeBench(context);
  const [zk, other] = [await bench.connect(), await bench.connect()];
  const provider = await started(zk);
  assert.deepEqual(provider.instances, []);
  assert.equal(provider.get(), undefined);
  const registry = await registryOf(other, 'b', 'a');
  await untilIds(provider, 'a,b');
  assert.deepEqual([provider.get()?.id, provider.get()?.id, provider.get()?.id], ['a', 'b', 'a']);
  await registry.unregister({ name: 'api', id: 'a' });
  await untilIds(provider, 'b');
  await registry.update({ name: 'api', id: 'b', port: 7 });
  while (provider.get()?.port !== 7) await once(provider, 'changed');
  await registry.close();
  await untilIds(provider, '');
  await provider.close();
  await zk.sync('/');
  assert.deepEqual(Object.values(zk.stats().watches), [0, 0, 0, 0, 0]);
  assert.equal(zk.listenerCount('state'), 0);
});

test('one change costs one read, however many instances there are', async (context) => {
  const bench = await recipeBench(context);
  const [zk, other] = [await bench.connect(), await bench.connect()];
  const registry = await registryOf(other, ...Array.from({ length: 30 }, (_, index) => `i${index}`));
  const provider = await started(zk);
  const { requestsSent } = zk.stats();
  const changed = once(provider, 'changed');
  await registry.register({ name: 'api', id: 'new' });
  await changed;
  assert.equal(zk.stats().requestsSent - requestsSent, 1);
  assert.equal(provider.instances.length, 31);
  await provider.close();
  await registry.close();
});

test('a disabled instance is known, but not chosen', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const registry = await registryOf(zk, 'a', 'b');
  await registry.update({ name: 'api', id: 'a', enabled: false });
  const provider = await started(zk);
  assert.deepEqual(
    provider.instances.map(({ id, enabled }) => [id, enabled]),
    [
      ['a', false],
      ['b', true],
    ],
  );
  assert.deepEqual([provider.get()?.id, provider.get()?.id], ['b', 'b']);
  await provider.close();
  await registry.close();
});

test('wait waits for the first instance, and ends with its limits or the provider', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const provider = await started(zk);
  const { message } = await refused(provider.wait({ timeoutMs: 20 }), 'TIMEOUT');
  assert.equal(message, 'ServiceProvider /services/api: not done within 20 ms (TIMEOUT)');
  const waiting = Array.from({ length: 20 }, () => provider.wait());
  const registry = await registryOf(zk, 'a');
  for (const each of waiting) assert.equal((await each).id, 'a');
  await registry.close();
  await untilIds(provider, '');
  const last = provider.wait();
  await provider.close();
  await provider.close();
  await refused(last, 'CLOSED');
  assert.throws(() => provider.get(), { code: 'CLOSED' });
  await refused(provider.start(), 'CLOSED');
});

test('an instance with errors is down, and others are chosen', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const registry = await registryOf(zk, 'a', 'b');
  const provider = await started(zk);
  const available = () => provider.available.map(({ id }) => id).join();
  provider.noteError({ id: 'a' });
  assert.equal(available(), 'a,b');
  provider.noteError({ id: 'a' });
  assert.equal(available(), 'b');
  provider.noteError({ id: 'b' });
  provider.noteError({ id: 'b' });
  assert.equal(provider.get(), undefined);
  assert.equal(provider.instances.length, 2);
  await provider.close();
  await registry.close();
});

test('wait returns an instance when its errors are forgotten', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const registry = await registryOf(zk, 'a');
  const provider = await started(zk, { down: { errorsMax: 1, timeoutMs: 30 } });
  provider.noteError({ id: 'a' });
  assert.equal((await provider.wait()).id, 'a');
  await provider.close();
  await registry.close();
});

test('leases count as load until they end', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const registry = await registryOf(zk, 'a', 'b');
  const provider = await started(zk, { strategy: strategies.leastLoaded() });
  const first = provider.lease()!;
  const second = provider.lease()!;
  assert.notEqual(first.instance.id, second.instance.id);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  await provider.with(async ({ id }) => {
    assert.equal(id, first.instance.id);
    // both have one lease now: the work of `with` counts
    const third = provider.lease()!;
    third[Symbol.dispose]();
  });
  await assert.rejects(
    provider.with(() => {
      throw new Error('the work failed');
    }),
    /the work failed/,
  );
  assert.equal(provider.get()?.id, first.instance.id, 'the work that failed has ended its lease');
  await provider.close();
  await registry.close();
});

test('a key selects the instance with the strategy consistentHash', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const registry = await registryOf(zk, 'a', 'b', 'c');
  const provider = await started(zk, { strategy: strategies.consistentHash() });
  const ids = Array.from({ length: 5 }, () => provider.get({ key: 'user-1' })?.id);
  assert.equal(new Set(ids).size, 1);
  assert.throws(() => provider.get(), { code: 'BADARGUMENTS' });
  await provider.close();
  await registry.close();
});

test('nodes that are not instances are ignored with an event, and others stay', async (context) => {
  const bench = await recipeBench(context);
  const [zk, other] = [await bench.connect(), await bench.connect()];
  const registry = await registryOf(other, 'a');
  await other.create('/services/api/secret', '', { acl: [{ scheme: 'world', id: 'anyone', perms: 30 }] });
  const provider = new ServiceProvider(zk, '/services', 'api');
  const invalid: RecipeError[] = [];
  provider.on('invalid', (error) => invalid.push(error));
  await provider.start();
  const reported = once(provider, 'invalid');
  await other.create('/services/api/garbage', 'garbage');
  await reported;
  const [secret, garbage] = invalid;
  assert.match(
    secret!.message,
    /^ServiceProvider \/services\/api: \/services\/api\/secret is not .* does not allow it/,
  );
  assert.match(garbage!.message, /^ServiceProvider \/services\/api: \/services\/api\/garbage is not an instance/);
  assert.equal(garbage!.code, 'BAD_NODE');
  assert.deepEqual(
    provider.instances.map(({ id }) => id),
    ['a'],
  );
  // an instance whose data becomes garbage is not used any more
  await other.set('/services/api/a', 'garbage');
  await untilIds(provider, '');
  await provider.close();
  await registry.close();
});

test('a payload that the program refuses makes an instance invalid', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const registry = new ServiceRegistry(zk, '/services');
  await registry.register({ name: 'api', id: 'a', payload: { zone: 'north' } });
  await registry.register({ name: 'api', id: 'b', payload: { zone: 7 } });
  const parsePayload = (payload: unknown) => {
    const { zone } = payload as { zone: unknown };
    if (typeof zone !== 'string') throw new TypeError('zone is not a text');
    return { zone };
  };
  const provider = new ServiceProvider(zk, '/services', 'api', { parsePayload });
  const invalid: RecipeError[] = [];
  provider.on('invalid', (error) => invalid.push(error));
  await provider.start();
  assert.deepEqual(
    provider.instances.map(({ payload }) => payload?.zone),
    ['north'],
  );
  assert.equal(invalid.length, 1);
  await provider.close();
  await registry.close();
});

test('a provider keeps its instances without a connection, and catches up afterwards', async (context) => {
  const bench = await recipeBench(context);
  const [{ zk, network }, other] = [await disturbed(bench, { renewSession: true }), await bench.connect()];
  const registry = await registryOf(other, 'a', 'b');
  const provider = await started(zk);
  network.refuse();
  network.cut();
  assert.equal(provider.available.length, 2);
  await registry.unregister({ name: 'api', id: 'a' });
  await registry.register({ name: 'api', id: 'c' });
  network.accept();
  await untilIds(provider, 'b,c');
  const expired = once(zk, 'Expired');
  await bench.expire(zk);
  await expired;
  await registry.register({ name: 'api', id: 'd' });
  await untilIds(provider, 'b,c,d');
  await provider.close();
  await registry.close();
});

test('a read whose reply is lost is repeated', async (context) => {
  const bench = await recipeBench(context);
  const [{ zk, network }, other] = [await disturbed(bench), await bench.connect()];
  const provider = await started(zk);
  const registry = await registryOf(other, 'a');
  await untilIds(provider, 'a');
  // the event arrives, and the reply to the read of the node does not
  const get = zk.get.bind(zk);
  const reading = new Promise<void>((resolve) => {
    const losing = (path: string) => {
      network.loseReplies();
      resolve();
      return get(path);
    };
    context.mock.method(zk, 'get', losing, { times: 1 });
  });
  await registry.update({ name: 'api', id: 'a', port: 5 });
  await reading;
  await other.exists('/');
  network.cut();
  while (provider.get()?.port !== 5) await once(provider, 'changed');
  await provider.close();
  await registry.close();
});

test('without renewSession, the end of the session ends the provider with an error', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const provider = await started(zk);
  const ended = once(provider, 'error') as Promise<[RecipeError]>;
  const waiting = provider.wait();
  const following = (async () => {
    for await (const _ of provider);
  })();
  await Promise.all([refused(waiting, 'SESSIONEXPIRED'), refused(following, 'SESSIONEXPIRED'), bench.expire(zk)]);
  assert.equal((await ended)[0].code, 'SESSIONEXPIRED');
  assert.throws(() => provider.get(), { code: 'SESSIONEXPIRED' });
});

test('a client that the program closes ends the provider without an error', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const provider = await started(zk);
  provider.on('error', (error) => assert.fail(String(error)));
  const waiting = provider.wait();
  await zk.close();
  await refused(waiting, 'CLOSED');
  for await (const _ of provider) assert.fail('the iterator must end');
});

test('a directory that may not be read is an error that names it', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await zk.createWithParents('/services/api', '', { acl: [{ scheme: 'world', id: 'anyone', perms: 30 }] });
  const provider = new ServiceProvider(zk, '/services', 'api');
  const { message } = await refused(provider.start(), 'NOAUTH');
  assert.match(message, /^ServiceProvider \/services\/api: /);
  await zk.sync('/');
  assert.deepEqual(Object.values(zk.stats().watches), [0, 0, 0, 0, 0]);
});

test('a listener that throws does not stop the provider', async (context) => {
  const bench = await recipeBench(context);
  const [zk, other] = [await bench.connect(), await bench.connect()];
  const provider = await started(zk);
  const thrown = caughtLater(context);
  provider.once('changed', () => {
    throw new Error('the listener failed');
  });
  const registry = await registryOf(other, 'a');
  await registry.register({ name: 'api', id: 'b' });
  await untilIds(provider, 'a,b');
  assert.match(String(thrown), /^Error: the listener failed$/);
  await provider.close();
  await registry.close();
});

test('a provider refuses invalid arguments and a use before the start', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const bad = (build: () => unknown, message: RegExp) => assert.throws(build, { code: 'BADARGUMENTS', message });
  bad(() => new ServiceProvider(zk, '/services', 'a/b'), /the service must be a text without a slash/);
  bad(
    () => new ServiceProvider(zk, '/services', 'a', { down: { errorsMax: 0 } }),
    /errorsMax must be an integer from 1/,
  );
  bad(() => new ServiceProvider(zk, '/services', 'a', { strategy: 'random' as never }), /strategy must be a function/);
  const provider = new ServiceProvider(zk, '/services', 'api');
  bad(() => provider.get(), /call start first/);
  await provider.start();
  await refused(provider.start(), 'BADARGUMENTS');
  await provider.close();
});
