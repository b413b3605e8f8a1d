import { AddWatchMode } from '@nodekeeper/protocol';
import { calls, checkArgument } from '../calls.js';
import { aFunction } from '../checks.js';
import type { Session } from '../core/session.js';
import type { WatchKind } from '../core/watch-registry.js';
import { ZooKeeperError } from '../errors.js';
import type { Chroot } from '../paths.js';
import { type RequestOptions, type Requests, unwrap } from '../requests.js';
import { type RemovableKind, removableKinds } from './removable-kinds.js';
import { callSafely, eventTypeName, removedEvents, type WatchCallback, type WatchEvent } from './watch-event.js';

/** Options of `addWatch`. */
export interface AddWatchOptions extends RequestOptions {
  /**
   * `PERSISTENT` watches the node and its list of children. `PERSISTENT_RECURSIVE`, the default, watches the node and
   * all its descendants.
   */
  readonly mode?: 'PERSISTENT' | 'PERSISTENT_RECURSIVE';
}

/** Options of `removeWatches`. */
export interface RemoveWatchesOptions extends RequestOptions {
  /** The kind of the watches to remove. Default `any`. */
  readonly kind?: RemovableKind;
  /** Removes only the watch with this callback. Default: all watches of the kind on the path. */
  readonly callback?: WatchCallback;
  /** If true, removes the watch from the client even if there is no connection to the server. */
  readonly local?: boolean;
}

interface Removal {
  readonly kinds: readonly WatchKind[];
  readonly callback: WatchCallback | undefined;
}

/** Sets and removes the watches of one client, and calls their callbacks for events. */
export class Watches {
  /** The removals that the server has not confirmed yet, by the body of the request. */
  readonly #removals = new WeakMap<object, Removal>();

  constructor(
    private readonly requests: Requests,
    private readonly chroot: Chroot,
  ) {}

  get #session(): Session<WatchCallback> {
    return this.requests.session;
  }

  deliver(watchers: ReadonlySet<WatchCallback>, type: number, path: string, zxid: number): void {
    const name = eventTypeName(type);
    if (name === undefined) return;
    this.#call(watchers, { type: name, path: this.chroot.toClient(path), zxid });
  }

  /**
   * Sends `PossiblyMissed` to the watches for which the server cannot tell whether they missed an event. These are the
   * persistent and recursive watches, and the watches for a node that does not exist. Such a node may have been created
   * and deleted (C-3). The watches for a missing node are one-shot, so this event removes them.
   */
  interrupted(zxid: number): void {
    const { watches } = this.#session;
    const told = (['persistent', 'recursive', 'exists'] as const).flatMap((kind) => [...watches.entries(kind)]);
    watches.clear(['exists']);
    for (const [path, watcher] of told) {
      callSafely(watcher, { type: 'PossiblyMissed', path: this.chroot.toClient(path), zxid });
    }
  }

  async add(path: string, callback: WatchCallback, options: AddWatchOptions): Promise<void> {
    const serverPath = this.chroot.accept(calls.addWatch, path, options);
    checkArgument(calls.addWatch, path, 'callback', aFunction, callback);
    const { mode = 'PERSISTENT_RECURSIVE' } = options;
    const isRecursive = mode === 'PERSISTENT_RECURSIVE';
    const body = {
      path: serverPath,
      mode: isRecursive ? AddWatchMode.persistentRecursive : AddWatchMode.persistent,
    };
    const watch = { kind: isRecursive ? ('recursive' as const) : ('persistent' as const), watcher: callback };
    unwrap(await this.requests.send(calls.addWatch, path, serverPath, body, () => undefined, options, watch));
  }

  /**
   * Removes watches from the client. Asks the server to remove its watch only if no other watcher of the kind remains
   * on the path (spec 7.5.4, 7.5.5).
   */
  async remove(path: string, options: RemoveWatchesOptions): Promise<void> {
    const serverPath = this.chroot.accept(calls.removeWatches, path, options);
    const { kind = 'any', callback, local = false } = options;
    const { type, kinds } = removableKinds[kind];
    const watchers = this.#expected(kinds, serverPath);
    const isThere = callback === undefined ? watchers.length > 0 : watchers.includes(callback);
    if (!isThere) throw this.#noWatcher(path);
    // remove the watchers while the reply is handled, because the next reply may add a watcher for this path
    const forget = () => this.#forget(kinds, path, serverPath, callback);
    if (local && this.#session.server === undefined) {
      forget();
      return;
    }
    const isLast = callback === undefined || watchers.every((watcher) => watcher === callback);
    const call = isLast ? calls.removeWatches : calls.checkWatches;
    const body = { path: serverPath, type };
    this.#removals.set(body, { kinds, callback });
    const settled = await this.requests.send(call, path, serverPath, body, forget, options);
    if (local && settled.error?.code === 'CONNECTIONLOSS') forget();
    else unwrap(settled);
  }

  #noWatcher(path: string): ZooKeeperError {
    const failure = { code: 'NOWATCHER', outcome: 'not-sent' } as const;
    return new ZooKeeperError(failure, calls.removeWatches.op, path, this.chroot.prefix);
  }

  /** Returns the watchers that a path will have when the server has answered all requests made so far. */
  #expected(kinds: readonly WatchKind[], serverPath: string): WatchCallback[] {
    const tables = new Map(kinds.map((kind) => [kind, new Set(this.#session.watches.watchers(kind, serverPath))]));
    for (const { watch, body } of this.#session.watchRequests.at(serverPath)) {
      if (watch !== undefined) tables.get(watch.kind)?.add(watch.watcher);
      const removal = this.#removals.get(body as object);
      for (const kind of removal?.kinds ?? []) {
        if (removal!.callback === undefined) tables.get(kind)?.clear();
        else tables.get(kind)?.delete(removal!.callback);
      }
    }
    return [...tables.values()].flatMap((watchers) => [...watchers]);
  }

  #forget(kinds: readonly WatchKind[], path: string, serverPath: string, callback: WatchCallback | undefined): void {
    for (const kind of kinds) {
      const removed = this.#session.watches.remove(kind, serverPath, callback);
      this.#call(new Set(removed), { type: removedEvents[kind], path, zxid: -1 });
    }
  }

  #call(watchers: ReadonlySet<WatchCallback>, event: WatchEvent): void {
    for (const watcher of watchers) callSafely(watcher, event);
  }
}
