import { type MultiOp, type MultiResult, OpCode, type Stat } from '@nodekeeper/protocol';
import type { WithCodec } from '../call-options.js';
import { calls, checkArgument, checkOptions, none, steps } from '../calls.js';
import { aVersion } from '../checks.js';
import type { Encoder, ValueFor } from '../codec.js';
import { type Created, type CreateOptions, createCall } from '../create.js';
import { type Data, toBytes } from '../data.js';
import { ZooKeeperError } from '../errors.js';
import type { Chroot } from '../paths.js';
import { type RequestOptions, type Requests, unwrap } from '../requests.js';
import { MultiSteps } from './multi-steps.js';

/**
 * Writes that take effect together or not at all. Each method adds one operation, and `commit` resolves with one
 * result for each operation.
 *
 * ```ts
 * const [created, stat] = await zk.transaction().create('/a', 'x').set('/b', 'y', { version: 3 }).commit();
 * ```
 */
export class Transaction<Results extends readonly unknown[] = []> {
  readonly #steps = new MultiSteps();
  readonly #requests: Requests;
  readonly #chroot: Chroot;

  /** @internal */
  constructor(requests: Requests, chroot: Chroot) {
    this.#requests = requests;
    this.#chroot = chroot;
  }

  /** Creates a node; see `ZooKeeper.create`. */
  create(path: string, data?: Data, options?: CreateOptions): Transaction<[...Results, Created]>;
  create<Input>(
    path: string,
    data: ValueFor<Input>,
    options: CreateOptions & WithCodec<unknown, Input>,
  ): Transaction<[...Results, Created]>;
  create(path: string, data: unknown = '', options: CreateOptions = none): Transaction<[...Results, Created]> {
    return this.#steps.add(this, {
      op: steps.create.op,
      path,
      encode: () => {
        const { request, body } = createCall(steps.create, this.#chroot, path, data, options);
        return { type: OpCode[request.name], request: body } as MultiOp;
      },
      read: (result) => this.#readCreated(result),
    });
  }

  /** Replaces a node's data; see `ZooKeeper.set`. */
  set(path: string, data: Data, options?: { readonly version?: number }): Transaction<[...Results, Stat]>;
  set<Input>(
    path: string,
    data: ValueFor<Input>,
    options: { readonly version?: number } & WithCodec<unknown, Input>,
  ): Transaction<[...Results, Stat]>;
  set(
    path: string,
    data: unknown,
    options: { readonly version?: number; readonly codec?: Encoder } = none,
  ): Transaction<[...Results, Stat]> {
    return this.#steps.add(this, {
      op: steps.set.op,
      path,
      encode: () => ({
        type: OpCode.setData,
        request: {
          path: this.#chroot.accept(steps.set, path, options),
          data: toBytes(steps.set.op, path, data, options.codec),
          version: options.version ?? -1,
        },
      }),
      read: (result) => (result.type === OpCode.setData ? result.response.stat : unexpected(result)),
    });
  }

  /** Deletes a node; see `ZooKeeper.delete`. */
  delete(path: string, options: { readonly version?: number } = none): Transaction<[...Results, undefined]> {
    return this.#addConditional('delete', path, () => {
      checkOptions(steps.delete, path, options);
      return options.version ?? -1;
    });
  }

  /** Makes the transaction fail unless the node exists and has this version. -1 matches any version. */
  check(path: string, version = -1): Transaction<[...Results, undefined]> {
    return this.#addConditional('check', path, () => {
      checkArgument(steps.check, path, 'version', aVersion, version);
      return version;
    });
  }

  #addConditional(
    op: 'delete' | 'check',
    path: string,
    checkedVersion: () => number,
  ): Transaction<[...Results, undefined]> {
    return this.#steps.add(this, {
      op,
      path,
      encode: () => ({
        type: OpCode[op],
        request: { path: this.#chroot.toServer(steps[op], path), version: checkedVersion() },
      }),
      read: () => undefined,
    });
  }

  /**
   * Sends the transaction, which gets a single zxid. Resolves with the result of each operation. Rejects with the error
   * of the first operation that fails. The `results` of this error contain one entry for each operation, which tells
   * whether the operation failed, or was not carried out because another one failed.
   */
  async commit(options: RequestOptions = none): Promise<Results> {
    checkOptions(calls.transaction, undefined, options);
    const ops = this.#steps.encode();
    return unwrap(
      await this.#requests.send(
        calls.transaction,
        undefined,
        undefined,
        ops,
        (results) => this.#read(results),
        options,
      ),
    );
  }

  #read(results: MultiResult[]): Results {
    const outcomes = this.#steps.outcomes(results, this.#chroot.prefix);
    const errors = outcomes.map(({ error }) => error);
    const first = errors.find((error) => error !== undefined && error.code !== 'OK');
    if (first !== undefined) {
      const failure = { code: first.code, outcome: 'rejected' } as const;
      throw new ZooKeeperError(failure, first.op, first.path, this.#chroot.prefix, errors as ZooKeeperError[]);
    }
    return outcomes.map(({ step, result }) => step.read(result)) as unknown as Results;
  }

  #readCreated(result: MultiResult): Created {
    if (result.type !== OpCode.create2) return unexpected(result);
    return { path: this.#chroot.toClient(result.response.path!), stat: result.response.stat };
  }
}

function unexpected(result: MultiResult): never {
  throw new Error(`a result has type ${result.type}, which does not match its operation`);
}
