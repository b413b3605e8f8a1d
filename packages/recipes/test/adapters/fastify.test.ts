import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ZooKeeper } from '@nodekeeper/client';
import fastify, { type FastifyInstance } from 'fastify';
import { zooKeeperPlugin } from '../../src/adapters/fastify.js';
import { type ServiceInstance, ServiceRegistry } from '../../src/index.js';
import { recipeBench } from '../support/bench.js';
import { disturbed } from '../support/line.js';

declare module 'fastify' {
  interface FastifyInstance {
    zookeeper: ZooKeeper;
    serviceRegistry: ServiceRegistry;
  }
}

function server(context: TestContext): FastifyInstance {
  // otherwise Fastify answers 503 during the drain
  const app = fastify({ return503OnClosing: false });
  context.after(() => app.close());
  return app;
}

/** Returns the first instance. Fastify does not wait for the registration. */
async function registered(registry: ServiceRegistry): Promise<ServiceInstance> {
  for (;;) {
    const [instance] = await registry.instances('api');
    if (instance !== undefined) return instance;
  }
}

test('routes of the whole server use the client, and the client is closed after the server', async (context) => {
  const bench = await recipeBench(context);
  const app = server(context);
  await app.register(zooKeeperPlugin, { servers: bench.server.connectString });
  app.get('/state', async () => app.zookeeper.state);
  assert.equal((await app.inject('/state')).body, 'CONNECTED');
  const { zookeeper } = app;
  await app.close();
  assert.equal(zookeeper.state, 'CLOSED');
});

test('a client of the program stays open', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const app = server(context);
  await app.register(zooKeeperPlugin, { zk });
  assert.equal(app.zookeeper, zk);
  await app.close();
  assert.equal(zk.state, 'CONNECTED');
});

test('a server that listens is registered, and unregisters before it stops serving', async (context) => {
  const bench = await recipeBench(context);
  const reader = new ServiceRegistry(await bench.connect(), '/services');
  const app = server(context);
  const service = { path: '/services', name: 'api', payload: { weight: 2 } };
  await app.register(zooKeeperPlugin, { servers: bench.server.connectString, service });
  app.get('/', async () => 'served');
  // this hook runs after the one of the plugin
  const drained = { instances: 1, body: '' };
  app.addHook('preClose', async () => {
    drained.instances = (await reader.instances('api')).length;
    drained.body = await (await fetch(url)).text();
  });
  await app.ready();
  assert.deepEqual(await reader.instances('api'), [], 'it does not listen yet');
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { address, port, payload } = await registered(reader);
  const url = `http://${address}:${port}/`;
  assert.deepEqual(payload, { weight: 2 });
  await app.close();
  assert.deepEqual(drained, { instances: 0, body: 'served' });
  await assert.rejects(fetch(url));
});

test('a closing server waits for the drain time after it has unregistered', async (context) => {
  const bench = await recipeBench(context);
  const { ports } = await bench.connect();
  const waits: number[] = [];
  const after = (delayMs: number, work: () => void) => {
    if (delayMs !== 3_600_000) return ports.scheduler.after(delayMs, work);
    waits.push(delayMs);
    return ports.scheduler.after(0, work);
  };
  const zk = await bench.connect({ ports: { ...ports, scheduler: { ...ports.scheduler, after } } });
  const app = server(context);
  await app.register(zooKeeperPlugin, { zk, service: { path: '/services', name: 'api', drainMs: 3_600_000 } });
  await app.listen({ host: '127.0.0.1', port: 0 });
  await registered(app.serviceRegistry);
  await app.close();
  assert.deepEqual(waits, [3_600_000]);
});

test('a server on all addresses registers an address that other machines can use', async (context) => {
  const bench = await recipeBench(context);
  const app = server(context);
  const service = { path: '/services', name: 'api' };
  await app.register(zooKeeperPlugin, { servers: bench.server.connectString, service });
  await app.listen({ host: '0.0.0.0', port: 0 });
  assert.notEqual((await registered(app.serviceRegistry)).address, '0.0.0.0');
  await app.close();
});

test('a server without a connection closes in time', async (context) => {
  const bench = await recipeBench(context);
  const { zk, network } = await disturbed(bench);
  const app = server(context);
  await app.register(zooKeeperPlugin, { zk, service: { path: '/services', name: 'api', unregisterTimeoutMs: 20 } });
  await app.listen({ host: '127.0.0.1', port: 0 });
  await registered(app.serviceRegistry);
  network.refuse();
  network.cut();
  await app.close();
  network.accept();
});

test('a server that closes during its registration leaves no instance', async (context) => {
  const bench = await recipeBench(context);
  const reader = new ServiceRegistry(await bench.connect(), '/services');
  const app = server(context);
  await app.register(zooKeeperPlugin, { zk: await bench.connect(), service: { path: '/services', name: 'api' } });
  await app.listen({ host: '127.0.0.1', port: 0 });
  await app.close();
  while ((await reader.instances('api')).length > 0);
});

test('a server that cannot connect does not start', async (context) => {
  const app = server(context);
  app.register(zooKeeperPlugin, { servers: '127.0.0.1:1', client: { connectTimeoutMs: 50 } });
  await assert.rejects(async () => app.ready(), { code: 'OPERATIONTIMEOUT' });
});
