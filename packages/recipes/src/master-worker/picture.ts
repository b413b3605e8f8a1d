import type { WatchEvent } from '@nodekeeper/client';
import type { Call } from '../foundation/call.js';
import { childrenOf } from '../line/ticket.js';
import { Board } from './board.js';
import type { WorkTree } from './tree.js';
import { decodeWorker } from './worker-data.js';

/** The events of a picture. */
interface PictureListener {
  /** The board has changed, or may be out of date. */
  changed(): void;
  workerJoined(name: string): void;
  workerLeft(name: string): void;
  taskEnded(task: string): void;
  /** A worker's node cannot be read. */
  failed(error: unknown): void;
}

/**
 * Keeps a board equal to the tree. Recursive watches report every change, so the tree is read only at the start and after
 * a change may have been missed.
 */
export class Picture {
  board = new Board();
  /** True if the board may differ from the tree in a way that no event will tell. */
  isStale = true;
  readonly #call: Call;
  readonly #tree: WorkTree;
  readonly #listener: PictureListener;
  readonly #watched: readonly string[];
  /** The events since the start of a load. They are applied after it, because the lists may be older or newer. */
  #delayed: WatchEvent[] | undefined;
  /** Counts the changes of each worker's node, so that a late reply does not undo a later event. */
  readonly #changes = new Map<string, number>();

  constructor(call: Call, tree: WorkTree, listener: PictureListener) {
    this.#call = call;
    this.#tree = tree;
    this.#listener = listener;
    this.#watched = [tree.workers, tree.tasks, tree.assign, tree.status];
  }

  async open(): Promise<void> {
    const { zk } = this.#call.caller;
    await this.#call.retry(() =>
      Promise.all(this.#watched.map((path) => zk.addWatch(path, this.#onEvent, this.#call.limits))),
    );
  }

  close(): void {
    const { zk } = this.#call.caller;
    for (const path of this.#watched) {
      zk.removeWatches(path, { kind: 'persistentRecursive', callback: this.#onEvent, local: true }).catch(() => {});
    }
  }

  /** Reads the whole tree. */
  async load(): Promise<void> {
    this.isStale = false;
    this.#delayed = [];
    const before = this.board;
    try {
      await this.#tree.ensure(this.#call);
      this.board = new Board(await this.#call.retry(() => this.#read()));
      for (const event of this.#delayed) this.#apply(event);
    } finally {
      this.#delayed = undefined;
    }
    for (const name of this.board.workerNames) {
      if (!before.hasWorker(name)) this.#listener.workerJoined(name);
      this.#readWorker(name);
    }
    for (const name of before.workerNames) if (!this.board.hasWorker(name)) this.#listener.workerLeft(name);
  }

  async #read() {
    const { zk } = this.#call.caller;
    const list = (path: string) => childrenOf(zk, path, this.#call);
    const [workers, tasks, assign, status] = await Promise.all(this.#watched.map(list));
    const own = async (worker: string) => [worker, await list(this.#tree.assignments(worker))] as const;
    const assigned = new Map(await Promise.all(assign!.map(own)));
    return { workers: workers!, tasks: tasks!, status: status!, assigned };
  }

  readonly #onEvent = (event: WatchEvent): void => {
    if (event.type === 'PossiblyMissed') this.isStale = true;
    else if (this.#delayed !== undefined) this.#delayed.push(event);
    else this.#apply(event);
    this.#listener.changed();
  };

  #apply({ type, path }: WatchEvent): void {
    const { workers, tasks, assign, status } = this.#tree;
    const directory = [workers, tasks, assign, status].find((each) => path.startsWith(`${each}/`));
    if (directory === undefined) return;
    const [name = '', below, deeper] = path.slice(directory.length + 1).split('/');
    if (deeper !== undefined || (below !== undefined && directory !== assign)) return;
    const isThere = type !== 'NodeDeleted';
    if (directory === workers) this.#workerChanged(name, isThere);
    else if (directory === tasks) isThere ? this.board.taskCreated(name) : this.board.taskDeleted(name);
    else if (directory === status) this.#statusChanged(name, isThere);
    else if (below === undefined) isThere ? this.board.addDirectory(name) : this.board.directoryDeleted(name);
    else isThere ? this.board.assigned(name, below) : this.board.unassigned(name, below);
  }

  #statusChanged(task: string, isThere: boolean): void {
    if (!isThere) this.board.statusDeleted(task);
    else if (!this.board.hasEnded(task)) {
      this.board.ended(task);
      this.#listener.taskEnded(task);
    }
  }

  #workerChanged(name: string, isThere: boolean): void {
    const isKnown = this.board.hasWorker(name);
    if (!isThere) this.board.workerGone(name);
    if (isThere !== isKnown && this.#delayed === undefined)
      isThere ? this.#listener.workerJoined(name) : this.#listener.workerLeft(name);
    this.#changes.set(name, (this.#changes.get(name) ?? 0) + 1);
    if (!isThere) this.#changes.delete(name);
    if (!isThere || this.#delayed !== undefined) return;
    this.board.workerSeen(name);
    this.#readWorker(name);
  }

  #readWorker(name: string): void {
    const { zk } = this.#call.caller;
    const change = this.#changes.get(name);
    const { board } = this;
    zk.get(this.#tree.worker(name), this.#call.limits).then(
      ({ data, stat }) => {
        if (this.#changes.get(name) !== change || this.board !== board) return;
        board.workerSeen(name, { data: decodeWorker(data), version: stat.version });
        this.#listener.changed();
      },
      (error) => this.#listener.failed(error),
    );
  }
}
