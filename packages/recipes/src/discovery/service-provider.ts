import { EventEmitter } from 'node:events';
import type { ZooKeeper } from '@nodekeeper/client';
import { type Call, type Caller, runCall, type WaitOptions } from '../foundation/call.js';
import { checkOptions, isFunction, isInteger, isNodeName, isOptions, isTimeMs } from '../foundation/checks.js';
import { emitSafely } from '../foundation/emit-safely.js';
import { RecipeError, recipeError } from '../foundation/errors.js';
import { childOf } from '../foundation/parents.js';
import { callerOf, type RecipeOptions } from '../foundation/recipe-options.js';
import { DownInstances, type DownPolicy } from './down-instances.js';
import { InstanceCache } from './instance-cache.js';
import type { ServiceInstance } from './service-instance.js';
import { type PayloadOptions, payloadChecks } from './service-registry.js';
import { type Strategy, strategies } from './strategies.js';

/** Options of a `ServiceProvider`. */
export interface ServiceProviderOptions<Payload> extends RecipeOptions, PayloadOptions<Payload> {
  /** Chooses among the available instances. Default `strategies.roundRobin()`. */
  readonly strategy?: Strategy<Payload>;
  /** When an instance that fails gets no requests. Default: after 2 errors, for 30 seconds since the first. */
  readonly down?: DownPolicy;
}

/** Options of a choice. */
export interface ChoiceOptions {
  /** The key for the strategy `consistentHash`, such as the id of a user. */
  readonly key?: string;
}

/** An instance that a program uses at present. It counts as load of the instance until it is disposed of. */
export interface InstanceLease<Payload> extends Disposable {
  readonly instance: ServiceInstance<Payload>;
}

/** The events of a `ServiceProvider`. */
export interface ServiceProviderEvents<Payload> {
  /** Instances came, went or changed. */
  changed: [instances: readonly ServiceInstance<Payload>[]];
  /** A node was ignored, because it is not an instance or may not be read. */
  invalid: [error: RecipeError];
  /** The provider has ended: the session is over, or the directory may not be read. */
  error: [error: unknown];
}

/** Follows the instances of one service, and chooses one for each use. `start` must be called first. */
export class ServiceProvider<Payload = unknown>
  extends EventEmitter<ServiceProviderEvents<Payload>>
  implements AsyncDisposable
{
  readonly #caller: Caller;
  readonly #cache: InstanceCache<Payload>;
  readonly #strategy: Strategy<Payload>;
  readonly #down: DownInstances;
  readonly #loads = new Map<string, number>();
  /** Called when the instances have changed, and at the end. */
  readonly #waiting = new Set<() => void>();
  #phase: 'new' | 'started' | 'closed' = 'new';
  /** Why the provider has ended; undefined if the program has closed it. */
  #failure: unknown;

  /**
   * @param path the directory of all services
   * @param service the name of the service
   */
  constructor(zk: ZooKeeper, path: string, service: string, options: ServiceProviderOptions<Payload> = {}) {
    super();
    const checks = { ...payloadChecks, strategy: isFunction, down: isOptions };
    const { acl, retry, zk: client } = callerOf(zk, 'ServiceProvider', path, options, checks);
    const expected = isNodeName(service);
    const place = { recipe: 'ServiceProvider', path };
    if (expected !== undefined) throw new RecipeError('BADARGUMENTS', place, `the service must be ${expected}`);
    checkOptions(place, options.down ?? {}, { errorsMax: isInteger(1), timeoutMs: isTimeMs });
    this.#caller = { zk: client, recipe: 'ServiceProvider', path: childOf(path, service), acl, retry };
    this.#strategy = options.strategy ?? strategies.roundRobin();
    this.#down = new DownInstances(options.down ?? {}, zk.ports.scheduler);
    const parse = options.parsePayload ?? ((payload: unknown) => payload as Payload);
    this.#cache = new InstanceCache(this.#caller, parse, {
      changed: () => {
        this.#wakeAll();
        emitSafely(this, 'changed', this.instances);
      },
      invalid: (error) => emitSafely(this, 'invalid', error),
      ended: (error) => this.#end(error),
    });
  }

  /** Reads the instances and follows their changes from then on. Resolves when the instances are known. */
  async start(options: WaitOptions = {}): Promise<void> {
    if (this.#phase === 'started') throw new RecipeError('BADARGUMENTS', this.#caller, 'it was started already');
    if (this.#phase === 'closed') throw this.#closedError();
    this.#phase = 'started';
    await runCall(this.#caller, options, async (call) => {
      try {
        await this.#cache.start(call);
      } catch (error) {
        this.#phase = 'closed';
        throw error;
      }
      this.#checkStarted();
    });
  }

  /** Stops to follow the instances. Calls that wait reject with `CLOSED`. */
  async close(): Promise<void> {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#cache.close();
    this.#wakeAll();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** All instances at present, also those that are disabled or down. */
  get instances(): readonly ServiceInstance<Payload>[] {
    return this.#cache.instances;
  }

  /** The instances that `get` chooses from: enabled and not down. */
  get available(): readonly ServiceInstance<Payload>[] {
    return this.instances.filter(({ enabled, id }) => enabled && !this.#down.isDown(id));
  }

  // ---- choices

  /** Chooses an available instance. Returns undefined if no instance is available; `wait` waits. */
  get({ key }: ChoiceOptions = {}): ServiceInstance<Payload> | undefined {
    this.#checkStarted();
    const { available } = this;
    if (available.length === 0) return undefined;
    const { random } = this.#caller.zk.ports;
    return this.#strategy(available, {
      random,
      key,
      path: this.#caller.path,
      load: ({ id }) => this.#loads.get(id) ?? 0,
    });
  }

  /** Chooses an available instance, and waits until there is one. */
  wait({ key, ...options }: ChoiceOptions & WaitOptions = {}): Promise<ServiceInstance<Payload>> {
    return runCall(this.#caller, options, async (call) => {
      for (;;) {
        const chosen = this.get(key === undefined ? {} : { key });
        if (chosen !== undefined) return chosen;
        await this.#untilChanged(call);
      }
    });
  }

  /** Chooses an available instance, and counts it as used until the lease ends: `using lease = provider.lease()`. */
  lease(options: ChoiceOptions = {}): InstanceLease<Payload> | undefined {
    const instance = this.get(options);
    return instance && this.#leaseOf(instance);
  }

  /** Chooses an instance as `wait` does, runs `work` with it, and counts it as used until `work` has ended. */
  async with<Result>(
    work: (instance: ServiceInstance<Payload>) => Promise<Result> | Result,
    options: ChoiceOptions & WaitOptions = {},
  ): Promise<Result> {
    using lease = this.#leaseOf(await this.wait(options));
    return await work(lease.instance);
  }

  /** Reports that a request to an instance has failed. After some errors the instance is down for a while. */
  noteError(instance: { readonly id: string }): void {
    this.#down.note(instance.id);
  }

  #leaseOf(instance: ServiceInstance<Payload>): InstanceLease<Payload> {
    const { id } = instance;
    this.#loads.set(id, (this.#loads.get(id) ?? 0) + 1);
    let hasEnded = false;
    const end = () => {
      if (hasEnded) return;
      hasEnded = true;
      const load = this.#loads.get(id)! - 1;
      if (load > 0) this.#loads.set(id, load);
      else this.#loads.delete(id);
    };
    return { instance, [Symbol.dispose]: end };
  }

  /** Waits until instances may have become available, or the provider has ended. */
  #untilChanged(call: Call): Promise<void> {
    return call.wait((wake) => {
      const nextMs = this.#down.nextChangeMs();
      const cancelTimer = nextMs === undefined ? undefined : this.#caller.zk.ports.scheduler.after(nextMs, wake);
      this.#waiting.add(wake);
      return () => {
        this.#waiting.delete(wake);
        cancelTimer?.();
      };
    });
  }

  #wakeAll(): void {
    for (const wake of this.#waiting) wake();
  }

  // ---- following

  /** Yields the current instances, and then the newest instances after changes. Ends when the provider is closed. */
  async *[Symbol.asyncIterator](): AsyncIterator<readonly ServiceInstance<Payload>[]> {
    for (let told: unknown; this.#phase !== 'closed'; ) {
      if (told !== this.instances) {
        told = this.instances;
        yield this.instances;
      } else {
        await this.#change();
      }
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #change(): Promise<void> {
    let wake = () => {};
    const changed = new Promise<void>((resolve) => {
      wake = resolve;
    });
    this.#waiting.add(wake);
    await changed;
    this.#waiting.delete(wake);
  }

  // ---- the end

  #checkStarted(): void {
    if (this.#phase === 'new') throw new RecipeError('BADARGUMENTS', this.#caller, 'call start first');
    if (this.#phase === 'closed') throw this.#closedError();
  }

  #closedError(): unknown {
    return this.#failure ?? new RecipeError('CLOSED', this.#caller, 'the provider is closed');
  }

  /** If the program has closed the client itself, it needs no error. */
  #end(cause: unknown): void {
    const error = recipeError(cause, this.#caller);
    const isExpected = RecipeError.is(error, 'CLOSED');
    if (!isExpected) this.#failure = error;
    this.#phase = 'closed';
    this.#wakeAll();
    if (!isExpected) emitSafely(this, 'error', error);
  }
}
