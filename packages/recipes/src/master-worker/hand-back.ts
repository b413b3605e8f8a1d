import { ZooKeeperError } from '@nodekeeper/client';
import type { Call } from '../foundation/call.js';
import { childrenOf } from '../line/ticket.js';
import { encodeStatus } from './status.js';
import { runsOnce } from './task-name.js';
import { aclOf, deleteIfThere, inDirectory, type WorkTree } from './tree.js';

/**
 * Gives a task back, so that the master assigns it again. An at-most-once task that may have been begun is lost.
 */
export async function handBack(
  call: Call,
  tree: WorkTree,
  worker: string,
  task: string,
  { mayHaveBegun }: { readonly mayHaveBegun: boolean },
): Promise<void> {
  const assignment = tree.assignment(worker, task);
  if (mayHaveBegun && runsOnce(task)) {
    const { zk } = call.caller;
    const lost = () =>
      zk
        .transaction()
        .delete(assignment)
        .check(tree.task(task))
        .create(tree.statusOf(task), encodeStatus('lost', worker), aclOf(call.caller))
        .commit(call.limits);
    try {
      await inDirectory(call, tree, tree.statusOf(task), lost);
      return;
    } catch (error) {
      // the assignment was taken back, or the task has ended or was deleted
      if (!ZooKeeperError.is(error, 'NONODE') && !ZooKeeperError.is(error, 'NODEEXISTS')) throw error;
    }
  }
  await deleteIfThere(call, assignment);
}

/** Gives back everything that is assigned to a worker, and deletes the directory of its assignments. */
export async function handBackAll(call: Call, tree: WorkTree, worker: string): Promise<void> {
  const directory = tree.assignments(worker);
  const tasks = await call.retry(() => childrenOf(call.caller.zk, directory, call));
  await Promise.all(tasks.map((task) => handBack(call, tree, worker, task, { mayHaveBegun: true })));
  try {
    await deleteIfThere(call, directory);
  } catch (error) {
    // a new worker of this name has got a task
    if (!ZooKeeperError.is(error, 'NOTEMPTY')) throw error;
  }
}
