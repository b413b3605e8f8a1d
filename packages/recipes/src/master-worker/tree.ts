import { ZooKeeperError } from '@nodekeeper/client';
import type { Call, Caller } from '../foundation/call.js';
import { childOf, ensureNode } from '../foundation/parents.js';

/** The nodes of a group of masters, workers and clients, as in the ZooKeeper book. */
export class WorkTree {
  /** The ephemeral node of the master; its data is the name of the master. */
  readonly master: string;
  /** The line in which the candidates wait. */
  readonly masters: string;
  /** Each new master changes this node, so that its version is the number of the term. */
  readonly epoch: string;
  readonly workers: string;
  readonly tasks: string;
  readonly assign: string;
  readonly status: string;

  constructor(base: string) {
    this.master = childOf(base, 'master');
    this.masters = childOf(base, 'masters');
    this.epoch = childOf(base, 'epoch');
    this.workers = childOf(base, 'workers');
    this.tasks = childOf(base, 'tasks');
    this.assign = childOf(base, 'assign');
    this.status = childOf(base, 'status');
  }

  worker(name: string): string {
    return childOf(this.workers, name);
  }

  task(name: string): string {
    return childOf(this.tasks, name);
  }

  /** The directory of the assignments of a worker. */
  assignments(worker: string): string {
    return childOf(this.assign, worker);
  }

  assignment(worker: string, task: string): string {
    return childOf(this.assignments(worker), task);
  }

  statusOf(task: string): string {
    return childOf(this.status, task);
  }

  /** Creates the directories that do not exist. */
  async ensure(call: Call): Promise<void> {
    const { epoch, workers, tasks, assign, status } = this;
    for (const path of [epoch, workers, tasks, assign, status]) await ensureNode(call, path, 'PERSISTENT');
  }
}

/** Runs a request that creates a node, and is safe to repeat. Creates the directory if it does not exist. */
export async function inDirectory<Result>(
  call: Call,
  tree: WorkTree,
  created: string,
  request: () => Promise<Result>,
): Promise<Result> {
  for (;;) {
    try {
      return await call.retry(request);
    } catch (error) {
      if (!ZooKeeperError.is(error, 'NONODE') || error.path !== created) throw error;
    }
    await tree.ensure(call);
  }
}

/** The option `acl` for a request that creates a node. */
export function aclOf({ acl }: Caller): { readonly acl?: NonNullable<Caller['acl']> } {
  return acl === undefined ? {} : { acl };
}

/** Runs a deletion that is safe to repeat. A node that does not exist counts as deleted. */
export async function deleteIfThere(call: Call, path: string): Promise<void> {
  try {
    await call.retry(() => call.caller.zk.delete(path, call.limits));
  } catch (error) {
    if (!ZooKeeperError.is(error, 'NONODE')) throw error;
  }
}
