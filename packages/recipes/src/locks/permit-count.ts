import { type WatchCallback, ZooKeeperError } from '@nodekeeper/client';
import type { Call, Caller } from '../foundation/call.js';
import { RecipeError } from '../foundation/errors.js';
import { ensureContainer, parentOf } from '../foundation/parents.js';
import type { Naming } from '../line/naming.js';

/** The number of permits of a semaphore. */
export interface PermitCount {
  /** The number if it cannot change. */
  readonly fixed: number | undefined;
  /** Reads the number. `watch` is called when it may have changed. */
  read(call: Call, watch?: WatchCallback): Promise<number>;
  /** Removes a watch that `read` has set. */
  forget(watch: WatchCallback): void;
}

export class FixedCount implements PermitCount {
  constructor(readonly fixed: number) {}

  async read(_call: Call): Promise<number> {
    return this.fixed;
  }

  forget(): void {}
}

/** A number in a node: 4 bytes as in Curator's `SharedCount`, or decimal text as in kazoo. */
export class StoredCount implements PermitCount {
  readonly fixed = undefined;
  readonly #path: string;
  readonly #naming: Naming;

  constructor(
    readonly caller: Caller,
    path: string,
    naming: Naming,
  ) {
    this.#path = path;
    this.#naming = naming;
  }

  async read(call: Call, watch?: WatchCallback): Promise<number> {
    const options = { ...call.limits, ...(watch && { watch }) };
    const { data } = await call.retry(() => this.caller.zk.get(this.#path, options));
    const count = this.#naming === 'kazoo' ? readDecimal(data) : readInt32(data);
    if (count === undefined) {
      const detail = `${this.#path} must contain the number of permits`;
      throw new RecipeError('BAD_NODE', this.caller, detail);
    }
    return count;
  }

  forget(callback: WatchCallback): void {
    this.caller.zk.removeWatches(this.#path, { kind: 'data', callback, local: true }).catch(() => {});
  }
}

function readInt32(data: Buffer | null): number | undefined {
  return data?.length === 4 ? data.readInt32BE() : undefined;
}

function readDecimal(data: Buffer | null): number | undefined {
  const text = data?.toString().trim() ?? '';
  return /^[+-]?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/**
 * A number that is also in the node of the semaphore, as in kazoo. The first client writes it, and the others must have
 * the same number. Other content of the node is ignored.
 */
export class AgreedCount implements PermitCount {
  #isChecked = false;

  constructor(
    readonly caller: Caller,
    readonly fixed: number,
  ) {}

  async read(call: Call): Promise<number> {
    if (!this.#isChecked) await this.#agree(call);
    this.#isChecked = true;
    return this.fixed;
  }

  async #agree(call: Call): Promise<void> {
    const { zk, path, acl } = this.caller;
    for (;;) {
      try {
        const { data } = await call.retry(() => zk.get(path, call.limits));
        const count = readDecimal(data) ?? this.fixed;
        if (count === this.fixed) return;
        throw new RecipeError('BAD_NODE', this.caller, `the node has ${count} permits, and not ${this.fixed}`);
      } catch (error) {
        if (!ZooKeeperError.is(error, 'NONODE')) throw error;
      }
      if (parentOf(path) !== '/') await ensureContainer(call, parentOf(path));
      try {
        await call.retry(() => zk.create(path, String(this.fixed), { ...(acl && { acl }), ...call.limits }));
      } catch (error) {
        // another client has created it, or has deleted the parent
        if (!ZooKeeperError.is(error, 'NODEEXISTS') && !ZooKeeperError.is(error, 'NONODE')) throw error;
      }
    }
  }

  forget(): void {}
}
