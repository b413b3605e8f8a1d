import { networkInterfaces } from 'node:os';
import type { ZooKeeper } from '@nodekeeper/client';
import type { NewServiceInstance, ServiceInstance } from '../discovery/service-instance.js';
import { ServiceRegistry } from '../discovery/service-registry.js';
import { RecipeError } from '../foundation/errors.js';

/** How a program registers itself as an instance of a service, and how it stops. */
export interface SelfRegistrationOptions extends NewServiceInstance {
  /** The directory of all services, such as `/services`. */
  readonly path: string;
  /** How long the program continues to serve after it has unregistered, in milliseconds. Default 0. */
  readonly drainMs?: number;
  /** How long the program waits for its deregistration before it stops, in milliseconds. Default 5000. */
  readonly unregisterTimeoutMs?: number;
}

/** The registration of this program. */
export class SelfRegistration {
  readonly registry: ServiceRegistry;
  readonly #zk: ZooKeeper;
  readonly #given: NewServiceInstance;
  readonly #drainMs: number;
  readonly #unregisterTimeoutMs: number;
  /** Aborted when a registration must not continue. */
  readonly #stopping = new AbortController();
  #registering: Promise<ServiceInstance> | undefined;

  constructor(zk: ZooKeeper, options: SelfRegistrationOptions) {
    const { path, drainMs = 0, unregisterTimeoutMs = 5000, ...given } = options;
    this.registry = new ServiceRegistry(zk, path);
    this.#zk = zk;
    this.#given = given;
    this.#drainMs = drainMs;
    this.#unregisterTimeoutMs = unregisterTimeoutMs;
  }

  /** @param bound where the program listens, if that is known. A text is the path of a Unix socket */
  async register(bound?: { readonly address: string; readonly port: number } | string): Promise<void> {
    const inet = typeof bound === 'string' ? undefined : bound;
    const { address = reachable(inet?.address), port = inet?.port ?? null } = this.#given;
    this.#registering = this.registry.register({ ...this.#given, address, port }, { signal: this.#stopping.signal });
    try {
      await this.#registering;
    } catch (error) {
      if (!this.#stopping.signal.aborted) throw error;
    }
  }

  /**
   * Unregisters the program, then waits until the time for the last requests is over. Without a connection it gives up
   * in time, because the instance ends with the session.
   */
  async drain(): Promise<void> {
    const { scheduler } = this.#zk.ports;
    const cancel = scheduler.after(this.#unregisterTimeoutMs, () => this.#stopping.abort());
    const instance = await this.#registering?.catch(() => undefined);
    cancel();
    this.#registering = undefined;
    if (instance === undefined) return;
    try {
      await this.registry.unregister(instance, { timeoutMs: this.#unregisterTimeoutMs });
    } catch (error) {
      if (!RecipeError.is(error)) throw error;
    }
    if (this.#drainMs > 0) await new Promise<void>((wake) => scheduler.after(this.#drainMs, wake));
  }
}

/** Returns an address at which other machines reach this one, if the program listens on all addresses. */
function reachable(address: string | undefined): string {
  if (address !== undefined && address !== '0.0.0.0' && address !== '::') return address;
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '127.0.0.1';
}
