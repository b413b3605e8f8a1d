import { type MultiResult, OpCode, type Stat } from '@nodekeeper/protocol';
import type { WithCodec } from '../call-options.js';
import { calls, checkOptions, none, steps } from '../calls.js';
import { fromBytes } from '../data.js';
import { invalidData } from '../errors.js';
import type { Chroot } from '../paths.js';
import { type RequestOptions, type Requests, unwrap } from '../requests.js';
import { MultiSteps, type StepOutcome } from './multi-steps.js';

/** A node's data and Stat. */
export interface NodeData<Value = Buffer> {
  /** The data, or null if the node was created without data. An empty buffer means that the node has empty data. */
  readonly data: Value | null;
  readonly stat: Stat;
}

/**
 * Reads that the server answers together, from one state of the tree. Each read has its own outcome, as with
 * `Promise.allSettled`.
 */
export class MultiRead<Results extends readonly unknown[] = []> {
  readonly #steps = new MultiSteps();
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
    return this.#steps.add(this, {
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
    return this.#steps.add(this, {
      op: steps.children.op,
      path,
      encode: () => ({
        type: OpCode.getChildren,
        request: { path: this.#chroot.toServer(steps.children, path), watch: false },
      }),
      read: (result) => (result as MultiResult & { type: typeof OpCode.getChildren }).response.children ?? [],
    });
  }

  /**
   * Sends the reads. Resolves with `{ status: 'fulfilled', value }` or `{ status: 'rejected', reason }` for each read,
   * in order. Rejects only if the request as a whole fails.
   */
  async run(options: RequestOptions = none): Promise<Results> {
    checkOptions(calls.multiRead, undefined, options);
    const ops = this.#steps.encode();
    return unwrap(
      await this.#requests.send(calls.multiRead, undefined, undefined, ops, (results) => this.#read(results), options),
    );
  }

  #read(results: MultiResult[]): Results {
    return this.#steps.outcomes(results, this.#chroot.prefix).map(settledResult) as unknown as Results;
  }
}

function settledResult({ step, result, error }: StepOutcome): PromiseSettledResult<unknown> {
  if (error !== undefined) return { status: 'rejected', reason: error };
  try {
    return { status: 'fulfilled', value: step.read(result) };
  } catch (cause) {
    return { status: 'rejected', reason: invalidData(step.op, step.path, cause) };
  }
}
