import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ZooKeeper } from '@nodekeeper/client';
import { type FactoryProviderLike, ZooKeeperModule } from '../../src/adapters/nest.js';
import { ServiceRegistry } from '../../src/index.js';
import { recipeBench } from '../support/bench.js';

type Hook = 'onApplicationBootstrap' | 'onModuleDestroy' | 'onApplicationShutdown';

/** Makes the values of providers and calls their hooks, as the container of Nest does. */
class Container {
  readonly #values = new Map<unknown, unknown>();

  async make(providers: readonly FactoryProviderLike<unknown>[]): Promise<void> {
    for (const { provide, inject, useFactory } of providers) {
      this.#values.set(provide, await useFactory(...inject.map((token) => this.get(token))));
    }
  }

  get(token: unknown): unknown {
    assert.ok(this.#values.has(token), `${String(token)} is not provided`);
    return this.#values.get(token);
  }

  set(token: unknown, value: unknown): void {
    this.#values.set(token, value);
  }

  async call(hook: Hook): Promise<void> {
    for (const value of this.#values.values())
      await (value as Partial<Record<Hook, () => unknown>> | undefined)?.[hook]?.();
  }
}

test('the module provides the client under its class, and closes it at shutdown', async (context) => {
  const bench = await recipeBench(context);
  const container = new Container();
  const module = ZooKeeperModule.forRoot({ servers: bench.server.connectString });
  assert.equal(module.module, ZooKeeperModule);
  assert.deepEqual(module.exports, [ZooKeeper, ServiceRegistry]);
  await container.make(module.providers);
  const zk = container.get(ZooKeeper) as ZooKeeper;
  assert.equal(zk.state, 'CONNECTED');
  assert.equal(container.get(ServiceRegistry), undefined);
  for (const hook of ['onApplicationBootstrap', 'onModuleDestroy'] as const) await container.call(hook);
  assert.equal(zk.state, 'CONNECTED');
  await container.call('onApplicationShutdown');
  assert.equal(zk.state, 'CLOSED');
});

test('options may come from other providers, and the application registers itself', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const container = new Container();
  container.set('config', { zk, port: 8080 });
  const module = ZooKeeperModule.forRootAsync({
    inject: ['config'],
    useFactory: ({ port, ...options }: { zk: ZooKeeper; port: number }) => ({
      ...options,
      service: { path: '/services', name: 'api', address: '10.0.0.1', port },
    }),
  });
  await container.make(module.providers);
  const registry = container.get(ServiceRegistry) as ServiceRegistry;
  assert.deepEqual(await registry.instances('api'), []);
  await container.call('onApplicationBootstrap');
  const [instance] = await registry.instances('api');
  assert.deepEqual([instance?.address, instance?.port], ['10.0.0.1', 8080]);
  await container.call('onModuleDestroy');
  assert.deepEqual(await registry.instances('api'), []);
  await container.call('onApplicationShutdown');
  assert.equal(zk.state, 'CONNECTED', 'the client belongs to the program');
});
