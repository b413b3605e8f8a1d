import { type MultiResult, OpCode, type Stat } from '@nodekeeper/protocol';
import type { WithCodec } from '../call-options.js';
import { calls, checkOptions, none, steps } from '../calls.js';
import { fromBytes } from '../data.js';
import { invalidData } from '../errors.js';
import type { Chroot } from '../paths.js';
import { type RequestOptions, type Requests, unwrap } from '../requests.js';
import { errorOfResult } from './multi-error.js';
import { type MultiStep, stepAt } from './multi-step.js';

/** A node's data and Stat. */
export interface NodeData<Value = Buffer> {
  /** Null where the node has no data at all, which is not the same as empty data. */
  readonly data: Value | null;
  readonly stat: Stat;
}

/**
 * Reads that are answered together, from one state of the tree. Each has an outcome of its own, as with
 * `Promise.allSettled`.
 */
export class MultiRead<Results extends readonly unknown[] = []> {
  readonly #steps: MultiStep[] = [];
  readonly #requests: Requests;
  readonly #chroot: Chroot;

  /** @internal */
  constructor(requests: Requests, chroot: Chroot) {
    this.#requests = requests;
    this.#chroot = chroot;
  }

  /** Reads a node's data and Stat; see `ZooKeeper.get`. */
  get(path: string): MultiRead<[...Results, PromiseSettledResult<NodeData>]>;
  get<Value>(path: string, options: WithCodec<Value>): MultiRead<[...Results, PromiseSettledResult<NodeData<Value>>]>;
  get(path: string, options: Partial<WithCodec<unknown>> = none): MultiRead<[...Results, never]> {
    return this.#add({
      op: steps.get.op,
      path,
      encode: () => ({
        type: OpCode.getData,
        request: { path: this.#chroot.accept(steps.get, path, options), watch: false },
      }),
      read: (result) => {
        const { data, stat } = (result as MultiResult & { type: typeof OpCode.getData }).response;
        return { data: fromBytes(data, options.codec), stat };
      },
    });
  }

  /** Reads the names of a node's children; see `ZooKeeper.children`. */
  children(path: string): MultiRead<[...Results, PromiseSettledResult<string[]>]> {
    return this.#add({
      op: steps.children.op,
      path,
      encode: () => ({
        type: OpCode.getChildren,
        request: { path: this.#chroot.toServer(steps.children, path), watch: false },
      }),
      read: (result) => (result as MultiResult & { type: typeof OpCode.getChildren }).response.children ?? [],
    });
  }

  #add<Result>(step: MultiStep): MultiRead<[...Results, Result]> {
    this.#steps.push(step);
    return this as unknown as MultiRead<[...Results, Result]>;
  }

  /**
   * Sends the reads. Resolves with `{ status: 'fulfilled', value }` or `{ status: 'rejected', reason }` for each, in
   * order; rejects only when none could be made.
   */
  async run(options: RequestOptions = none): Promise<Results> {
    checkOptions(calls.multiRead, undefined, options);
    const ops = this.#steps.map((step) => step.encode());
    return unwrap(
      await this.#requests.send(calls.multiRead, undefined, undefined, ops, (results) => this.#read(results), options),
    );
  }

  #read(results: MultiResult[]): Results {
    return results.map((result, index) =>
      outcomeOf(result, stepAt(this.#steps, index), this.#chroot.prefix),
    ) as unknown as Results;
  }
}

function outcomeOf(result: MultiResult, { op, path, read }: MultiStep, chroot: string): PromiseSettledResult<unknown> {
  const refusal = errorOfResult(result, op, path, chroot);
  if (refusal !== undefined) return { status: 'rejected', reason: refusal };
  try {
    return { status: 'fulfilled', value: read(result) };
  } catch (cause) {
    return { status: 'rejected', reason: invalidData(op, path, cause) };
  }
}
