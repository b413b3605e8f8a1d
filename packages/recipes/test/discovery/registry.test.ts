import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { ZooKeeper } from '@nodekeeper/client';
import { type RecipeError, type ServiceInstance, ServiceRegistry } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { disturbed, untilCount } from '../support/line.js';

const service = { name: 'api', id: 'one', address: '10.0.0.1', port: 8080, registrationTimeUTC: 5 };

async function registered(zk: ZooKeeper): Promise<[ServiceRegistry, ServiceInstance]> {
  const registry = new ServiceRegistry(zk, '/services');
  return [registry, await registry.register(service)];
}

async function ownerOf(zk: ZooKeeper, path: string): Promise<bigint | undefined> {
  return (await zk.exists(path))?.ephemeralOwner;
}

test('a registered instance is found with all its fields, until it is unregistered', async (context) => {
  const bench = await recipeBench(context);
  const [zk, other] = [await bench.connect(), await bench.connect()];
  const registry = new ServiceRegistry(zk, '/services', { nowMs: () => 1234 });
  const instance = await registry.register({ name: 'api', address: '10.0.0.1', port: 8080, payload: { zone: 'a' } });
  assert.match(instance.id, /^[0-9a-f-]{36}$/);
  assert.equal(instance.registrationTimeUTC, 1234);
  const reader = new ServiceRegistry(other, '/services');
  const expected = { ...instance, payloadClass: 'java.util.LinkedHashMap' };
  assert.deepEqual(await reader.names(), ['api']);
  assert.deepEqual(await reader.instances('api'), [expected]);
  assert.deepEqual(await reader.instance('api', instance.id), expected);
  await registry.update({ ...instance, enabled: false });
  assert.equal((await reader.instance('api', instance.id))?.enabled, false);
  await registry.unregister(instance);
  assert.deepEqual(await reader.instances('api'), []);
  assert.equal(await reader.instance('api', instance.id), undefined);
  assert.deepEqual(await reader.instances('none'), []);
  await refused(registry.unregister(instance), 'NOT_HELD');
  await refused(registry.update(instance), 'NOT_HELD');
});

test('each service type has its kind of node, and close deletes all of them', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const registry = new ServiceRegistry(zk, '/services');
  for (const serviceType of ['DYNAMIC', 'DYNAMIC_SEQUENTIAL', 'STATIC', 'PERMANENT'] as const) {
    await registry.register({ name: 'api', id: serviceType, serviceType });
  }
  const { children } = await zk.children('/services/api');
  assert.deepEqual(children.sort(), ['DYNAMIC', 'DYNAMIC_SEQUENTIAL0000000001', 'PERMANENT', 'STATIC']);
  assert.equal(await ownerOf(zk, '/services/api/DYNAMIC'), zk.session.id);
  assert.equal(await ownerOf(zk, '/services/api/STATIC'), 0n);
  await registry.close();
  await registry.close();
  assert.deepEqual((await zk.children('/services/api')).children, []);
  await zk.sync('/');
  assert.deepEqual(Object.values(zk.stats().watches), [0, 0, 0, 0, 0]);
  assert.equal(zk.listenerCount('state'), 0);
  await refused(registry.register({ name: 'api' }), 'CLOSED');
  await refused(registry.names(), 'CLOSED');
});

test('an id that this registry has registered is refused, and so is another service type for it', async (context) => {
  const bench = await recipeBench(context);
  const [registry] = await registered(await bench.connect());
  await refused(registry.register(service), 'NODEEXISTS');
  const { message } = await refused(registry.update({ ...service, serviceType: 'STATIC' }), 'BADARGUMENTS');
  assert.equal(message, 'ServiceRegistry /services: api/one is DYNAMIC (BADARGUMENTS)');
  await registry.close();
});

test('an instance is registered again in a new session', async (context) => {
  const bench = await recipeBench(context);
  const [operator, zk] = [await bench.connect(), await bench.connect({ renewSession: true })];
  const [registry, instance] = await registered(zk);
  const restored = once(registry, 'restored');
  await bench.expire(zk);
  assert.deepEqual(await restored, [instance]);
  assert.equal(await ownerOf(operator, '/services/api/one'), zk.session.id);
  await registry.close();
  assert.equal(await operator.exists('/services/api/one'), null);
});

test('a new session takes over the node that the servers keep for the old session', async (context) => {
  const bench = await recipeBench(context);
  const operator = await bench.connect();
  const { zk, network } = await disturbed(bench, { renewSession: true, sessionTimeoutMs: 20_000 });
  const [registry] = await registered(zk);
  await zk.create('/of-the-old-session', '', { mode: 'EPHEMERAL' });
  const restored = once(registry, 'restored');
  await network.giveSessionUp(zk);
  await restored;
  assert.equal(await ownerOf(operator, '/services/api/one'), zk.session.id);
  assert.notEqual(await operator.exists('/of-the-old-session'), null);
  await registry.close();
});

test('without renewSession, the end of the session ends the registry with an error', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const [registry] = await registered(zk);
  const ended = once(registry, 'error') as Promise<[RecipeError]>;
  await bench.expire(zk);
  const [error] = await ended;
  assert.equal(error.code, 'SESSIONEXPIRED');
  await refused(registry.register(service), 'CLOSED');
});

test('a client that the program closes ends the registry without an error', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const [registry] = await registered(zk);
  registry.on('error', (error) => assert.fail(String(error)));
  await zk.close();
  await registry.close();
});

test('an instance that an operator deletes is registered again, also when its directory is gone', async (context) => {
  const bench = await recipeBench(context);
  const [operator, zk] = [await bench.connect(), await bench.connect()];
  const [registry] = await registered(zk);
  await registry.update({ ...service, port: 9090 });
  for (const path of ['/services/api/one', '/services']) {
    const restored = once(registry, 'restored');
    await operator.deleteRecursive(path);
    assert.equal((await restored)[0].port, 9090);
    assert.equal(await ownerOf(operator, '/services/api/one'), zk.session.id);
  }
  await registry.close();
});

test('a sequential instance that an operator deletes is registered again under a new number', async (context) => {
  const bench = await recipeBench(context);
  const [operator, zk] = [await bench.connect(), await bench.connect()];
  const registry = new ServiceRegistry(zk, '/services');
  await registry.register({ ...service, serviceType: 'DYNAMIC_SEQUENTIAL' });
  const restored = once(registry, 'restored');
  await operator.delete('/services/api/one0000000000');
  await restored;
  assert.deepEqual((await operator.children('/services/api')).children, ['one0000000001']);
  await registry.close();
  assert.deepEqual((await operator.children('/services/api')).children, []);
  await zk.sync('/');
  assert.deepEqual(Object.values(zk.stats().watches), [0, 0, 0, 0, 0]);
});

test('a new session deletes the sequential node that the servers keep for the old session', async (context) => {
  const bench = await recipeBench(context);
  const operator = await bench.connect();
  const { zk, network } = await disturbed(bench, { renewSession: true, sessionTimeoutMs: 20_000 });
  const registry = new ServiceRegistry(zk, '/services');
  await registry.register({ ...service, serviceType: 'DYNAMIC_SEQUENTIAL' });
  await network.giveSessionUp(zk);
  while (String((await operator.children('/services/api')).children) !== 'one0000000001');
  await registry.close();
});

test('the later registration of an id wins, and the earlier one learns of it', async (context) => {
  const bench = await recipeBench(context);
  const [first, second] = [await bench.connect(), await bench.connect()];
  const [earlier, instance] = await registered(first);
  const lost = once(earlier, 'lost');
  const [later] = await registered(second);
  await earlier.update({ ...service, port: 1 }).catch((error) => assert.equal(error.code, 'NOT_HELD'));
  const [which, error] = await lost;
  assert.equal(which.id, instance.id);
  assert.equal(
    error.message,
    'ServiceRegistry /services: another client has registered /services/api/one (NODEEXISTS)',
  );
  await refused(earlier.unregister(service), 'NOT_HELD');
  await earlier.close();
  assert.equal(await ownerOf(first, '/services/api/one'), second.session.id);
  assert.equal((await later.instance('api', 'one'))?.port, 8080, 'the earlier registry has not changed it');
  await later.close();
});

for (const serviceType of ['DYNAMIC', 'DYNAMIC_SEQUENTIAL', 'STATIC'] as const) {
  test(`after a lost reply there is one node (${serviceType})`, async (context) => {
    const bench = await recipeBench(context);
    const [operator, { zk, network }] = [await bench.connect(), await disturbed(bench)];
    await operator.createWithParents('/services/api');
    const registry = new ServiceRegistry(zk, '/services');
    network.loseReplies();
    const registering = registry.register({ ...service, serviceType });
    await untilCount(operator, '/services/api', 1);
    network.cut();
    await registering;
    assert.equal((await operator.children('/services/api')).children.length, 1);
    await registry.close();
    assert.deepEqual((await operator.children('/services/api')).children, []);
  });

  test(`a caller that gives up after a lost reply leaves no node (${serviceType})`, async (context) => {
    const bench = await recipeBench(context);
    const [operator, { zk, network }] = [await bench.connect(), await disturbed(bench)];
    await operator.createWithParents('/services/api');
    const registry = new ServiceRegistry(zk, '/services');
    network.loseReplies();
    const controller = new AbortController();
    const registering = registry.register({ ...service, serviceType }, { signal: controller.signal });
    await untilCount(operator, '/services/api', 1);
    controller.abort();
    await refused(registering, 'ABORTED');
    network.cut();
    await untilCount(operator, '/services/api', 0);
    await registry.register({ ...service, serviceType });
    await registry.close();
  });
}

test('a deletion whose caller gives up continues', async (context) => {
  const bench = await recipeBench(context);
  const [operator, { zk, network }] = [await bench.connect(), await disturbed(bench)];
  const [registry] = await registered(zk);
  network.refuse();
  network.cut();
  await refused(registry.unregister(service, { timeoutMs: 20 }), 'TIMEOUT');
  network.accept();
  await untilCount(operator, '/services/api', 0);
  await registry.close();
});

test('nodes that are not instances are ignored and reported', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const [registry, instance] = await registered(zk);
  await zk.create('/services/api/garbage', '{"name":7}');
  const invalid: string[] = [];
  registry.on('invalid', ({ message }) => invalid.push(message));
  assert.deepEqual(await registry.instances('api'), [instance]);
  assert.equal(await registry.instance('api', 'garbage'), undefined);
  const message =
    'ServiceRegistry /services: /services/api/garbage is not an instance of a service: name is not a text (BAD_NODE)';
  assert.deepEqual(invalid, [message, message]);
  const strict = new ServiceRegistry(zk, '/services', {
    parsePayload: () => {
      throw new Error('no');
    },
  });
  assert.equal((await strict.instances('api')).length, 1, 'an instance without payload needs no check');
  await registry.close();
});

test('a refused registration names the recipe and the path, and can be repeated', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const readOnly = [{ scheme: 'world', id: 'anyone', perms: 1 }];
  await zk.create('/services');
  await zk.create('/services/api', '', { acl: readOnly });
  const registry = new ServiceRegistry(zk, '/services');
  const { message } = await refused(registry.register(service), 'NOAUTH');
  assert.match(message, /^ServiceRegistry \/services: create \/services\/api\/one: the ACL of/);
  await zk.delete('/services/api');
  await registry.register(service);
  await registry.close();
});

test('a refused restoration ends one registration, not the registry', async (context) => {
  const bench = await recipeBench(context);
  const [operator, zk] = [await bench.connect(), await bench.connect()];
  const [registry] = await registered(zk);
  await registry.register({ name: 'web', id: 'two' });
  const lost = once(registry, 'lost');
  const readOnly = [{ scheme: 'world', id: 'anyone', perms: 1 }];
  await operator
    .transaction()
    .delete('/services/api/one')
    .delete('/services/api')
    .create('/services/api', '', { acl: readOnly })
    .commit();
  const [instance, error] = await lost;
  assert.equal(instance.id, 'one');
  assert.equal(error.code, 'NOAUTH');
  await registry.update({ name: 'web', id: 'two', port: 1 });
  await registry.close();
});
