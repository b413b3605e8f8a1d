import { compareNames } from './task-name.js';
import type { WorkerData } from './worker-data.js';

/** A worker, as the assignment strategy sees it. */
export interface WorkerInfo {
  readonly name: string;
  /** How many tasks it runs at the same time. */
  readonly parallel: number;
  /** How many tasks are assigned to it. */
  readonly assigned: number;
  /** The option `info` of the worker. */
  readonly info: unknown;
}

/** What the master knows of a worker. */
interface Station {
  readonly data: WorkerData;
  /** The version of its node. */
  readonly version: number;
}

/** A task, and the worker to which it is assigned. */
export interface Assignment {
  readonly task: string;
  readonly worker: string;
}

/** The names of the nodes, as the master has read them. */
interface BoardContent {
  readonly workers: readonly string[];
  readonly tasks: readonly string[];
  readonly status: readonly string[];
  /** The assigned tasks by worker, also of workers that do not exist any more. */
  readonly assigned: ReadonlyMap<string, readonly string[]>;
}

const unread: Station = { data: { parallel: 0 }, version: 0 };

/**
 * The picture that a master has of the tree. It tells what the master must do: which tasks wait for a worker, and which
 * assignments must be taken back. Each change may be reported more than once.
 */
export class Board {
  readonly #workers = new Map<string, Station>();
  readonly #tasks = new Set<string>();
  readonly #ended = new Set<string>();
  readonly #owners = new Map<string, string>();
  readonly #directories = new Map<string, Set<string>>();
  #waiting = new Set<string>();
  /** True if a task has come back from its worker, so that it is not in its place. */
  #isUnsorted = false;
  readonly #stale = new Set<string>();

  constructor(content?: BoardContent) {
    if (content === undefined) return;
    for (const name of content.workers) this.#workers.set(name, unread);
    for (const task of [...content.tasks].sort(compareNames)) this.#tasks.add(task);
    for (const task of content.status) this.#ended.add(task);
    for (const [worker, tasks] of content.assigned) {
      this.addDirectory(worker);
      for (const task of tasks) this.assigned(worker, task);
    }
    for (const task of this.#tasks) this.#settle(task);
  }

  /** Puts a task into the right set after a change. */
  #settle(task: string): void {
    const owner = this.#owners.get(task);
    const isOpen = this.#tasks.has(task) && !this.#ended.has(task);
    const isStale = owner !== undefined && !(isOpen && this.#workers.has(owner));
    if (isStale) this.#stale.add(task);
    else this.#stale.delete(task);
    if (isOpen && owner === undefined) this.#waiting.add(task);
    else this.#waiting.delete(task);
  }

  #settleOf(worker: string): void {
    for (const task of this.#directories.get(worker) ?? []) this.#settle(task);
  }

  // ---- what has changed

  /** A worker exists. Without a station, its capacity is not known yet. */
  workerSeen(name: string, station?: Station): void {
    const isNew = !this.#workers.has(name);
    if (station !== undefined || isNew) this.#workers.set(name, station ?? unread);
    if (isNew) this.#settleOf(name);
  }

  workerGone(name: string): void {
    if (this.#workers.delete(name)) this.#settleOf(name);
  }

  taskCreated(task: string): void {
    this.#tasks.add(task);
    this.#settle(task);
  }

  taskDeleted(task: string): void {
    this.#tasks.delete(task);
    this.#settle(task);
  }

  ended(task: string): void {
    this.#ended.add(task);
    this.#settle(task);
  }

  statusDeleted(task: string): void {
    this.#ended.delete(task);
    this.#settle(task);
  }

  addDirectory(worker: string): Set<string> {
    const tasks = this.#directories.get(worker) ?? new Set();
    this.#directories.set(worker, tasks);
    return tasks;
  }

  directoryDeleted(worker: string): void {
    for (const task of this.#directories.get(worker) ?? []) this.unassigned(worker, task);
    this.#directories.delete(worker);
  }

  assigned(worker: string, task: string): void {
    this.addDirectory(worker).add(task);
    this.#owners.set(task, worker);
    this.#settle(task);
    // of workers with the same load, the one that has waited longest comes first
    const station = this.#workers.get(worker);
    if (station !== undefined && this.#workers.delete(worker)) this.#workers.set(worker, station);
  }

  unassigned(worker: string, task: string): void {
    this.#directories.get(worker)?.delete(task);
    if (this.#owners.get(task) !== worker) return;
    this.#owners.delete(task);
    this.#isUnsorted = true;
    this.#settle(task);
  }

  // ---- what follows from it

  hasWorker(name: string): boolean {
    return this.#workers.has(name);
  }

  hasTask(task: string): boolean {
    return this.#tasks.has(task);
  }

  hasEnded(task: string): boolean {
    return this.#ended.has(task);
  }

  hasDirectory(worker: string): boolean {
    return this.#directories.has(worker);
  }

  ownerOf(task: string): string | undefined {
    return this.#owners.get(task);
  }

  versionOf(worker: string): number {
    return this.#workers.get(worker)?.version ?? -1;
  }

  get endedTasks(): Iterable<string> {
    return this.#ended;
  }

  get workerNames(): string[] {
    return [...this.#workers.keys()];
  }

  /** The tasks that wait for a worker, the oldest first. */
  waiting(): Iterable<string> {
    if (this.#isUnsorted) this.#waiting = new Set([...this.#waiting].sort(compareNames));
    this.#isUnsorted = false;
    return this.#waiting;
  }

  get hasWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Assignments that must be taken back: the worker is gone, or the task needs no worker any more. */
  stale(): Assignment[] {
    return [...this.#stale].map((task) => ({ task, worker: this.#owners.get(task)! }));
  }

  /** The workers that can take another task, the least loaded first. */
  free(): WorkerInfo[] {
    const all = [...this.#workers].map(([name, { data }]) => {
      return { name, parallel: data.parallel, info: data.info, assigned: this.#directories.get(name)?.size ?? 0 };
    });
    const load = ({ assigned, parallel }: WorkerInfo) => assigned / parallel;
    return all.filter(({ assigned, parallel }) => assigned < parallel).sort((one, other) => load(one) - load(other));
  }

  /** The directories of workers that are gone, without assignments. */
  abandoned(): string[] {
    const isAbandoned = ([worker, tasks]: [string, Set<string>]) => tasks.size === 0 && !this.#workers.has(worker);
    return [...this.#directories].filter(isAbandoned).map(([worker]) => worker);
  }
}
