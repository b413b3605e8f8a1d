/** The package entry `@nodekeeper/recipes/fastify`. */
import type { AddressInfo } from 'node:net';
import { type ConnectionOptions, openClient } from './connection.js';
import { SelfRegistration, type SelfRegistrationOptions } from './self-registration.js';

export type { ConnectionOptions } from './connection.js';
export type { SelfRegistrationOptions } from './self-registration.js';

/** Options of `zooKeeperPlugin`. */
export interface ZooKeeperPluginOptions extends ConnectionOptions {
  /** Registers this server when it listens, by default with the address and the port that it listens on. */
  readonly service?: SelfRegistrationOptions;
}

/** The part of a Fastify instance that the plugin uses. */
export interface FastifyLike {
  decorate(name: string, value: unknown): unknown;
  addHook(name: 'onListen' | 'preClose' | 'onClose', hook: () => Promise<void>): unknown;
  addresses(): readonly (AddressInfo | string)[];
}

/**
 * The Fastify plugin (version 5). It decorates the server with `zookeeper`, the client, and closes the client after the
 * server. With the option `service` it registers the server when it listens, and decorates it with `serviceRegistry`.
 * A closing server first unregisters, then serves the last requests. Fastify answers these with 503 unless its option
 * `return503OnClosing` is false.
 */
export async function zooKeeperPlugin(fastify: FastifyLike, options: ZooKeeperPluginOptions): Promise<void> {
  const { service, ...connection } = options;
  const { zk, close } = await openClient(connection);
  fastify.decorate('zookeeper', zk);
  fastify.addHook('onClose', close);
  if (service === undefined) return;
  const registration = new SelfRegistration(zk, service);
  fastify.decorate('serviceRegistry', registration.registry);
  fastify.addHook('onListen', () => registration.register(fastify.addresses()[0]));
  fastify.addHook('preClose', () => registration.drain());
}

// Fastify reads these properties: the decorations are for the whole server, not only for the plugin
Object.assign(zooKeeperPlugin, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@nodekeeper/recipes',
  [Symbol.for('plugin-meta')]: { name: '@nodekeeper/recipes', fastify: '5.x' },
});
