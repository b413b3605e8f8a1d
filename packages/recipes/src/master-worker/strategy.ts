import type { WorkerInfo } from './board.js';

/**
 * Chooses the worker for a task.
 *
 * @param task the name of the task
 * @param workers the workers that can take another task, the least loaded first; never empty
 * @returns the name of one of them, or undefined if the task must wait
 */
export type AssignmentStrategy = (task: string, workers: readonly WorkerInfo[]) => string | undefined;

/** Chooses the worker that has the fewest tasks in relation to its capacity. */
export const leastLoaded: AssignmentStrategy = (_task, [first]) => first?.name;
