import { EventEmitter } from 'node:events';
import { type SessionChange, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import { type Call, type Caller, runCall, type WaitOptions } from '../foundation/call.js';
import { isFunction } from '../foundation/checks.js';
import { emitSafely } from '../foundation/emit-safely.js';
import { RecipeError } from '../foundation/errors.js';
import { childOf } from '../foundation/parents.js';
import { callerOf, type RecipeOptions } from '../foundation/recipe-options.js';
import { decodeInstance, encodeInstance, invalidNode } from './instance-json.js';
import { Registration } from './registration.js';
import { completeInstance, type NewServiceInstance, type ServiceInstance } from './service-instance.js';
import { sessionEnd } from './session-end.js';

/** Options of recipes that read instances. */
export interface PayloadOptions<Payload> {
  /**
   * Checks and converts the payload of each instance, for example the method `parse` of a Zod schema. An instance for
   * which it throws counts as invalid. Default: the payload as it is.
   */
  readonly parsePayload?: (payload: unknown) => Payload;
}

export const payloadChecks = { parsePayload: isFunction };

/** Options of a `ServiceRegistry`. */
export interface ServiceRegistryOptions<Payload> extends RecipeOptions, PayloadOptions<Payload> {
  /** The wall clock for `registrationTimeUTC`, in milliseconds since 1970. Default `Date.now`. */
  readonly nowMs?: () => number;
}

/** The events of a `ServiceRegistry`. */
export interface ServiceRegistryEvents<Payload> {
  /** The node of an instance was created again, after the session or the node was lost. */
  restored: [instance: ServiceInstance<Payload>];
  /** An instance is not registered any more: another client uses its id, or a server refused to restore its node. */
  lost: [instance: ServiceInstance<Payload>, error: RecipeError];
  /** `names`, `instances` or `instance` has ignored a node that is not an instance. */
  invalid: [error: RecipeError];
  /** The registry has ended, because the session of the client is over. */
  error: [error: unknown];
}

interface Entry<Payload> {
  instance: ServiceInstance<Payload>;
  readonly registration: Registration;
}

/**
 * Registers instances of services, and finds registered instances. The nodes are those of Curator's `ServiceDiscovery`:
 * `<path>/<service>/<id>`, with Curator's JSON as data.
 */
export class ServiceRegistry<Payload = unknown>
  extends EventEmitter<ServiceRegistryEvents<Payload>>
  implements AsyncDisposable
{
  readonly #caller: Caller;
  readonly #parsePayload: (payload: unknown) => Payload;
  readonly #nowMs: () => number;
  readonly #entries = new Map<string, Entry<Payload>>();
  #sessionId = 0n;
  #isClosed = false;

  /** @param path the directory of all services */
  constructor(zk: ZooKeeper, path: string, options: ServiceRegistryOptions<Payload> = {}) {
    super();
    this.#caller = callerOf(zk, 'ServiceRegistry', path, options, { ...payloadChecks, nowMs: isFunction });
    this.#parsePayload = options.parsePayload ?? ((payload) => payload as Payload);
    this.#nowMs = options.nowMs ?? Date.now;
  }

  // ---- the own instances

  /**
   * Registers an instance. Its node is restored when the session was lost or a client deleted the node. A node of
   * another client with the same id is replaced. Returns the instance with all fields.
   *
   * @throws `NODEEXISTS` if this registry has registered this id already
   */
  register(given: NewServiceInstance<Payload>, options: WaitOptions = {}): Promise<ServiceInstance<Payload>> {
    return this.#run(options, async (call) => {
      const { random } = this.#caller.zk.ports;
      const instance = completeInstance(this.#caller, given, random, this.#nowMs);
      const key = keyOf(instance);
      if (this.#entries.has(key)) throw new RecipeError('NODEEXISTS', this.#caller, `${key} is registered already`);
      const entry = this.#newEntry(instance);
      this.#entries.set(key, entry);
      this.#followSession();
      try {
        await entry.registration.create(call);
      } catch (error) {
        this.#forget(entry);
        throw error;
      }
      this.#checkOpen();
      return instance;
    });
  }

  /**
   * Replaces the data of a registered instance with the same name, id and service type.
   *
   * @throws `NOT_HELD` if the instance is not registered
   */
  update(given: NewServiceInstance<Payload>, options: WaitOptions = {}): Promise<ServiceInstance<Payload>> {
    return this.#run(options, async (call) => {
      const instance = completeInstance(this.#caller, given, this.#caller.zk.ports.random, this.#nowMs);
      const entry = this.#entryOf(instance);
      if (instance.serviceType !== entry.instance.serviceType) {
        throw new RecipeError('BADARGUMENTS', this.#caller, `${keyOf(instance)} is ${entry.instance.serviceType}`);
      }
      const data = encodeInstance(instance, this.#caller);
      entry.instance = instance;
      await entry.registration.update(call, data);
      return instance;
    });
  }

  /**
   * Deletes the node of a registered instance. If the call ends early, the deletion continues in the background.
   *
   * @throws `NOT_HELD` if the instance is not registered
   */
  unregister(instance: { readonly name: string; readonly id: string }, options: WaitOptions = {}): Promise<void> {
    return this.#run(options, async (call) => {
      const entry = this.#entryOf(instance);
      this.#forget(entry);
      await call.finish(entry.registration.remove());
    });
  }

  /** Unregisters all instances. Waits while there is no connection. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    this.#followSession();
    await Promise.all(entries.map(({ registration }) => registration.remove()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // ---- all instances

  /** Returns the names of all services, in no particular order. */
  names(options: WaitOptions = {}): Promise<string[]> {
    return this.#run(options, (call) => this.#children(call, this.#caller.path));
  }

  /** Reads all instances of a service, also the disabled ones. Ignores nodes that are not instances. */
  instances(name: string, options: WaitOptions = {}): Promise<ServiceInstance<Payload>[]> {
    return this.#run(options, async (call) => {
      const parent = childOf(this.#caller.path, name);
      const names = await this.#children(call, parent);
      const found = await Promise.all(names.map((each) => this.#read(call, childOf(parent, each))));
      return found.filter((instance) => instance !== undefined);
    });
  }

  /** Reads an instance. Returns undefined if it does not exist, or its node is not an instance. */
  instance(name: string, id: string, options: WaitOptions = {}): Promise<ServiceInstance<Payload> | undefined> {
    const path = childOf(childOf(this.#caller.path, name), id);
    return this.#run(options, (call) => this.#read(call, path));
  }

  async #children(call: Call, path: string): Promise<string[]> {
    try {
      return (await call.retry(() => this.#caller.zk.children(path, call.limits))).children;
    } catch (error) {
      if (ZooKeeperError.is(error, 'NONODE')) return [];
      throw error;
    }
  }

  async #read(call: Call, path: string): Promise<ServiceInstance<Payload> | undefined> {
    let data: Buffer | null;
    try {
      data = (await call.retry(() => this.#caller.zk.get(path, call.limits))).data;
    } catch (error) {
      if (ZooKeeperError.is(error, 'NONODE')) return undefined;
      throw error;
    }
    try {
      return decodeInstance(data, this.#parsePayload);
    } catch (error) {
      emitSafely(this, 'invalid', invalidNode(path, this.#caller, error));
      return undefined;
    }
  }

  // ---- the registrations

  #run<Result>(options: WaitOptions, work: (call: Call) => Promise<Result>): Promise<Result> {
    return runCall(this.#caller, options, (call) => {
      this.#checkOpen();
      return work(call);
    });
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new RecipeError('CLOSED', this.#caller, 'the registry is closed');
  }

  #newEntry(instance: ServiceInstance<Payload>): Entry<Payload> {
    const parent = childOf(this.#caller.path, instance.name);
    const data = encodeInstance(instance, this.#caller);
    const entry: Entry<Payload> = {
      instance,
      registration: new Registration(this.#caller, parent, instance, data, {
        restored: () => emitSafely(this, 'restored', entry.instance),
        lost: (error) => {
          this.#forget(entry);
          emitSafely(this, 'lost', entry.instance, error);
        },
      }),
    };
    return entry;
  }

  #entryOf(instance: { readonly name: string; readonly id: string }): Entry<Payload> {
    const found = this.#entries.get(keyOf(instance));
    if (found === undefined) throw new RecipeError('NOT_HELD', this.#caller, `${keyOf(instance)} is not registered`);
    return found;
  }

  #forget(entry: Entry<Payload>): void {
    const key = keyOf(entry.instance);
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
    this.#followSession();
  }

  /** Listens to the session as long as there are registrations. */
  #followSession(): void {
    const { zk } = this.#caller;
    zk.off('state', this.#onState);
    if (this.#entries.size > 0) zk.on('state', this.#onState);
  }

  readonly #onState = (change: SessionChange): void => {
    const error = sessionEnd(change, this.#caller);
    if (error !== undefined) this.#end(error);
    const { id } = this.#caller.zk.session;
    if (change.state !== 'CONNECTED' || id === this.#sessionId) return;
    this.#sessionId = id;
    for (const { registration } of this.#entries.values()) registration.follow();
  };

  /** The session is over. If the program has closed the client itself, it needs no error. */
  #end(error: RecipeError): void {
    this.#isClosed = true;
    this.#entries.clear();
    this.#followSession();
    if (error.code !== 'CLOSED') emitSafely(this, 'error', error);
  }
}

function keyOf({ name, id }: { readonly name: string; readonly id: string }): string {
  return `${name}/${id}`;
}
