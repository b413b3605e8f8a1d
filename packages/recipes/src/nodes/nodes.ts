import { type Data, type RequestOptions, type Stat, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import { type Call, runCall, type WaitOptions } from '../foundation/call.js';
import { ensureNode, parentOf } from '../foundation/parents.js';
import { callerOf, type RecipeOptions } from '../foundation/recipe-options.js';

/** Options of the functions for single nodes. `acl` is for the nodes that the function creates. */
export interface NodeOptions extends RecipeOptions, WaitOptions {}

/** Creates a persistent, empty node and the missing nodes above it, if the node does not exist. */
export async function ensurePath(zk: ZooKeeper, path: string, options: NodeOptions = {}): Promise<void> {
  await run(zk, 'ensurePath', path, options, async (call) => {
    // the root always exists, and a look needs fewer permissions than a creation
    const isThere = await call.retry(() => zk.exists(path, call.limits));
    if (isThere === null) await ensureNode(call, path, 'PERSISTENT');
  });
}

/**
 * Sets the data of a node, and creates the node and the missing nodes above it if it does not exist. Resolves with the
 * new Stat. After a lost reply it sets the data again.
 */
export function createOrSet(zk: ZooKeeper, path: string, data: Data, options: NodeOptions = {}): Promise<Stat> {
  return run(zk, 'createOrSet', path, options, async (call) => {
    const { acl } = call.caller;
    for (;;) {
      try {
        return await call.retry(() => zk.set(path, data, call.limits));
      } catch (error) {
        if (!ZooKeeperError.is(error, 'NONODE')) throw error;
      }
      try {
        return (await call.retry(() => zk.create(path, data, { ...(acl && { acl }), ...call.limits }))).stat;
      } catch (error) {
        if (ZooKeeperError.is(error, 'NONODE')) await ensureNode(call, parentOf(path), 'PERSISTENT');
        // another client created the node, or this client did and the reply was lost
        else if (!ZooKeeperError.is(error, 'NODEEXISTS')) throw error;
      }
    }
  });
}

/**
 * Makes a request, and returns its result, or undefined if the node does not exist.
 *
 * ```ts
 * const node = await ifExists(zk, '/a', (path, limits) => zk.get(path, limits));
 * await ifExists(zk, '/a', (path, limits) => zk.delete(path, limits));
 * ```
 *
 * @param request is repeated if the connection is lost, so it must be safe to repeat. It must pass `limits` on
 */
export function ifExists<Result>(
  zk: ZooKeeper,
  path: string,
  request: (path: string, limits: RequestOptions) => Promise<Result>,
  options: NodeOptions = {},
): Promise<Result | undefined> {
  return run(zk, 'ifExists', path, options, async (call) => {
    try {
      return await call.retry(() => request(path, call.limits));
    } catch (error) {
      if (!ZooKeeperError.is(error, 'NONODE')) throw error;
      return undefined;
    }
  });
}

async function run<Result>(
  zk: ZooKeeper,
  name: string,
  path: string,
  { signal, timeoutMs, ...options }: NodeOptions,
  work: (call: Call) => Promise<Result>,
): Promise<Result> {
  const caller = callerOf(zk, name, path, options);
  const limits = { ...(signal && { signal }), ...(timeoutMs !== undefined && { timeoutMs }) };
  return runCall(caller, limits, work);
}
