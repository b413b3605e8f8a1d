import { EventEmitter } from 'node:events';
import type { Data, ZooKeeper } from '@nodekeeper/client';
import type { WaitOptions } from '../foundation/call.js';
import { checkArgument, isData, oneOf } from '../foundation/checks.js';
import { emitSafely } from '../foundation/emit-safely.js';
import type { Place, RecipeError } from '../foundation/errors.js';
import { callerOf, type RecipeOptions } from '../foundation/recipe-options.js';
import { KeptNode } from './kept-node.js';

/** The events of a `PersistentNode` and of a `TtlNode`. */
export interface PersistentNodeEvents {
  /** The node exists: this client has created it, created it again, or adopted it. */
  created: [path: string];
  /** Another client's ephemeral node, or a node of the wrong kind, has the path. This client waits until it is gone. */
  blocked: [path: string];
  /** The server refuses new data. The node keeps its earlier data. */
  refused: [error: RecipeError];
  /** The node cannot be kept any more. */
  error: [error: RecipeError];
}

const modes = ['EPHEMERAL', 'EPHEMERAL_SEQUENTIAL', 'PERSISTENT', 'PERSISTENT_SEQUENTIAL'] as const;

/** Options of a `PersistentNode`. */
export interface PersistentNodeOptions extends RecipeOptions {
  /** The kind of the node. Default `EPHEMERAL`. */
  readonly mode?: (typeof modes)[number];
  /** The data of the node. Default: empty. */
  readonly data?: Data;
}

/**
 * A node that stays in the tree from `start` to `close`. It is created again when a client deletes it, and when the
 * session of this client has expired. It is Curator's `PersistentNode`.
 */
export class PersistentNode extends EventEmitter<PersistentNodeEvents> implements AsyncDisposable {
  readonly #place: Place;
  readonly #node: KeptNode;

  /** @param path the path of the node. The name of a sequential node gets a prefix with an id, and a number */
  constructor(zk: ZooKeeper, path: string, options: PersistentNodeOptions = {}) {
    super();
    const caller = callerOf(zk, 'PersistentNode', path, options, { mode: oneOf(...modes), data: isData });
    const { mode = 'EPHEMERAL', data = '' } = options;
    this.#place = caller;
    this.#node = new KeptNode(caller, path, data, { mode }, keptNodeEvents(this));
  }

  /** The path of the node while it exists, as far as this client knows; otherwise undefined. */
  get nodePath(): string | undefined {
    return this.#node.path;
  }

  /**
   * Creates the node, and keeps it from then on. Resolves with the path of the node. If the call rejects, the node is
   * closed.
   */
  start(options: WaitOptions = {}): Promise<string> {
    return this.#node.start(options);
  }

  /** Waits until the node exists. Resolves with its path, at once if it exists. */
  waitForCreation(options: WaitOptions = {}): Promise<string> {
    return this.#node.untilThere(options);
  }

  /**
   * Replaces the data. Resolves when the node has this data, or later data of another call. If the call ends early, the
   * data is still written when this is possible.
   *
   * @throws the error of the server if it refuses the data; the node then keeps its earlier data
   */
  async setData(data: Data, options: WaitOptions = {}): Promise<void> {
    checkArgument(this.#place, 'the data', data, isData);
    return this.#node.setData(data, options);
  }

  /** Deletes the node. Without a connection, it waits for the next one. */
  close(): Promise<void> {
    return this.#node.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Returns the listener of a `KeptNode` that emits its events. */
export function keptNodeEvents(emitter: EventEmitter<PersistentNodeEvents>) {
  return {
    created: (path: string) => emitSafely(emitter, 'created', path),
    blocked: (path: string) => emitSafely(emitter, 'blocked', path),
    refused: (error: RecipeError) => emitSafely(emitter, 'refused', error),
    failed: (error: RecipeError) => emitSafely(emitter, 'error', error),
  };
}
