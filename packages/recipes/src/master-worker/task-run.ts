import { type Codec, ZooKeeperError } from '@nodekeeper/client';
import type { Call } from '../foundation/call.js';
import { encodeStatus } from './status.js';
import { aclOf, deleteIfThere, inDirectory, type WorkTree } from './tree.js';

/** The second argument of the work function. */
export interface TaskContext {
  /** The name of the task. */
  readonly name: string;
  /**
   * The fencing token of this run: a zxid, larger for each later run of the same task. Send it with writes to other
   * systems, so that they can refuse late writes of an earlier run.
   */
  readonly token: number;
  /**
   * Aborted when the worker's session is in doubt, the task was taken back or cancelled, or the worker stops. The reason
   * is a `RecipeError`. The result of the run does not count any more then.
   */
  readonly signal: AbortSignal;
}

/** Does the work of a task, and returns the result. If it throws, the task has failed. */
export type Work<Payload, Result> = (payload: Payload, context: TaskContext) => Result | Promise<Result>;

export interface RunOptions {
  readonly work: Work<never, unknown>;
  readonly codec: Codec<unknown, never>;
  readonly resultCodec: Codec<unknown, unknown>;
}

/** `refused`: the servers did not accept the result, because the task was taken back or cancelled. */
export type EndedRun =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'failed'; readonly error: unknown }
  | { readonly outcome: 'refused'; readonly reason: string };

/** Runs a task, and writes its status. */
export async function runTask(
  call: Call,
  tree: WorkTree,
  worker: string,
  data: Buffer | null,
  context: TaskContext,
  { work, codec, resultCodec }: RunOptions,
): Promise<EndedRun> {
  let ended: EndedRun = { outcome: 'done' };
  let status: Buffer;
  try {
    const payload = data === null ? null : codec.decode(data);
    const result = await work(payload as never, context);
    const body = result === undefined ? undefined : resultCodec.encode(result);
    status = encodeStatus('done', worker, body);
  } catch (error) {
    ended = { outcome: 'failed', error };
    status = failure(worker, error);
  }
  const { signal, name } = context;
  if (signal.aborted) return { outcome: 'refused', reason: (signal.reason as Error).message };
  const refusal = await write(call, tree, worker, name, status).catch((error) => {
    if (!ZooKeeperError.is(error, 'BADARGUMENTS')) throw error;
    // the result is too large for a request
    ended = { outcome: 'failed', error };
    return write(call, tree, worker, name, failure(worker, error));
  });
  return refusal === undefined ? ended : { outcome: 'refused', reason: refusal };
}

function failure(worker: string, error: unknown): Buffer {
  return encodeStatus('failed', worker, error instanceof Error ? error.message : String(error));
}

/**
 * Writes the status and deletes the assignment, in one transaction. So only the worker to which the task is assigned can
 * write a status. Returns why it was refused, or undefined.
 */
async function write(
  call: Call,
  tree: WorkTree,
  worker: string,
  task: string,
  status: Buffer,
): Promise<string | undefined> {
  const { zk } = call.caller;
  const assignment = tree.assignment(worker, task);
  const commit = () =>
    zk
      .transaction()
      .check(tree.task(task))
      .create(tree.statusOf(task), status, aclOf(call.caller))
      .delete(assignment)
      .commit(call.limits);
  try {
    await inDirectory(call, tree, tree.statusOf(task), commit);
    return undefined;
  } catch (error) {
    if (!ZooKeeperError.is(error, 'NONODE') && !ZooKeeperError.is(error, 'NODEEXISTS')) throw error;
    // an attempt whose reply was lost may have succeeded
    if (ZooKeeperError.is(error, 'NODEEXISTS') && (await hasStatus(call, tree.statusOf(task), status)))
      return undefined;
    await deleteIfThere(call, assignment);
    return error.path === tree.task(task) ? `${task} was deleted` : `${task} was taken back, or has ended`;
  }
}

async function hasStatus(call: Call, path: string, status: Buffer): Promise<boolean> {
  const { zk } = call.caller;
  try {
    const { data } = await call.retry(() => zk.get(path, call.limits));
    return data?.equals(status) ?? false;
  } catch (error) {
    if (ZooKeeperError.is(error, 'NONODE')) return false;
    throw error;
  }
}
