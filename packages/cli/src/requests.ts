import {
  type Acl,
  type CreateMode,
  type Stat,
  type Transaction,
  type WatchCallback,
  type ZooKeeper,
  ZooKeeperError,
} from '@nodekeeper/client';
import { pathFault } from '@nodekeeper/protocol';
import { connectionLoss, errorSentence, serverFailure } from './error-text.js';
import { Failure } from './failure.js';

/** The interval at which a request that waits for a connection checks whether every server has been tried. */
const tryCheckMs = 20;
const batchesInFlight = 10;

/**
 * The requests that commands send, with the behaviour of ZooKeeper's Java client. A path is checked before the request
 * is sent. A request that waits for a connection fails once every server has been tried.
 */
export class Requests {
  readonly #zk: ZooKeeper;
  readonly #serverCount: number;
  readonly #signal: AbortSignal;
  readonly #onWatch: WatchCallback;

  /** `signal` aborts the command's requests. `onWatch` receives the events of every watch that the requests set. */
  constructor(zk: ZooKeeper, serverCount: number, signal: AbortSignal, onWatch: WatchCallback) {
    this.#zk = zk;
    this.#serverCount = serverCount;
    this.#signal = signal;
    this.#onWatch = onWatch;
  }

  async create(
    path: string,
    data: string | null,
    options: { mode: CreateMode; acl?: readonly Acl[]; ttlMs?: number },
  ): Promise<{ path: string; stat: Stat }> {
    checkPath(options.mode.includes('SEQUENTIAL') ? `${path}1` : path);
    if (options.acl !== undefined) checkAcl(options.acl, path);
    return await this.#ask(path, (signal) => this.#zk.create(path, data, { ...options, signal }));
  }

  async delete(path: string, version = -1): Promise<void> {
    await this.#askAbout(path, (signal) => this.#zk.delete(path, { version, signal }));
  }

  /** Deletes the nodes in order, in batches. Each batch is atomic. Returns false if a batch failed. */
  async deleteInBatches(paths: readonly string[], batchSize: number): Promise<boolean> {
    for (let start = 0; start < paths.length; start += batchSize * batchesInFlight) {
      const window = paths.slice(start, start + batchSize * batchesInFlight);
      const batches: Promise<unknown>[] = [];
      while (window.length > 0) batches.push(this.#deleteTogether(window.splice(0, batchSize)));
      const outcomes = await Promise.allSettled(batches);
      this.#signal.throwIfAborted();
      if (outcomes.some(({ status }) => status === 'rejected')) return false;
    }
    return true;
  }

  async #deleteTogether(paths: readonly string[]): Promise<void> {
    const transaction: Transaction<readonly unknown[]> = this.#zk.transaction();
    for (const path of paths) transaction.delete(path);
    await this.#ask(undefined, (signal) => transaction.commit({ signal }));
  }

  async exists(path: string, isWatched = false): Promise<Stat | null> {
    return await this.#askAbout(path, (signal) => this.#zk.exists(path, { signal, ...this.#watch(isWatched) }));
  }

  async get(path: string, isWatched = false): Promise<{ data: Buffer | null; stat: Stat }> {
    return await this.#askAbout(path, (signal) => this.#zk.get(path, { signal, ...this.#watch(isWatched) }));
  }

  async set(path: string, data: Uint8Array | string, version = -1): Promise<Stat> {
    return await this.#askAbout(path, (signal) => this.#zk.set(path, data, { version, signal }));
  }

  async children(path: string, isWatched = false): Promise<{ children: string[]; stat: Stat }> {
    return await this.#askAbout(path, (signal) => this.#zk.children(path, { signal, ...this.#watch(isWatched) }));
  }

  async getAcl(path: string): Promise<{ acl: Acl[]; stat: Stat }> {
    return await this.#askAbout(path, (signal) => this.#zk.getAcl(path, { signal }));
  }

  async setAcl(path: string, acl: readonly Acl[], version: number): Promise<Stat> {
    checkPath(path);
    checkAcl(acl, path);
    return await this.#ask(path, (signal) => this.#zk.setAcl(path, acl, { version, signal }));
  }

  async sync(path: string, timeoutMs: number): Promise<void> {
    await this.#askAbout(path, (signal) => this.#zk.sync(path, { signal, timeoutMs }));
  }

  async getEphemerals(prefix: string): Promise<string[]> {
    return await this.#askAbout(prefix, (signal) => this.#zk.getEphemerals(prefix, { signal }));
  }

  async getAllChildrenNumber(path: string): Promise<number> {
    return await this.#askAbout(path, (signal) => this.#zk.getAllChildrenNumber(path, { signal }));
  }

  async whoAmI(): Promise<{ scheme: string; user: string }[]> {
    return await this.#ask(undefined, (signal) => this.#zk.whoAmI({ signal }));
  }

  /**
   * Sends the credentials without waiting for the server's reply. If the server rejects the credentials, the client
   * emits an event.
   */
  addAuth(scheme: string, auth: string): void {
    this.#zk.addAuth(scheme, auth).catch(() => {});
  }

  async getConfig(isWatched: boolean): Promise<{ config: string; stat: Stat }> {
    const path = '/zookeeper/config';
    return await this.#ask(path, (signal) => this.#zk.getConfig({ signal, ...this.#watch(isWatched) }));
  }

  async reconfig(change: Parameters<ZooKeeper['reconfig']>[0]): Promise<{ config: string; stat: Stat }> {
    try {
      return await this.#ask(undefined, (signal) => this.#zk.reconfig(change, { signal }));
    } catch (error) {
      // pass an empty path, because ZooKeeper's Java client reports no path for a failed reconfig
      throw ZooKeeperError.is(error) ? serverFailure(error, '') : error;
    }
  }

  async addWatch(path: string, mode: 'PERSISTENT' | 'PERSISTENT_RECURSIVE'): Promise<void> {
    await this.#askAbout(path, (signal) => this.#zk.addWatch(path, this.#onWatch, { mode, signal }));
  }

  async removeWatches(path: string, kind: RemovedKind, local: boolean): Promise<void> {
    await this.#askAbout(path, (signal) => this.#zk.removeWatches(path, { kind, local, signal }));
  }

  #watch(isWatched: boolean): { watch?: WatchCallback } {
    return isWatched ? { watch: this.#onWatch } : {};
  }

  async #askAbout<Result>(path: string, send: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    checkPath(path);
    return await this.#ask(path, send);
  }

  async #ask<Result>(path: string | undefined, send: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    this.#signal.throwIfAborted();
    if (this.#zk.state !== 'CONNECTING') return await send(this.#signal);
    const tried = this.#zk.stats().failedConnects + this.#serverCount;
    const inVain = new AbortController();
    const timer = setInterval(() => {
      if (this.#zk.state === 'CONNECTING' && this.#zk.stats().failedConnects >= tried) inVain.abort();
    }, tryCheckMs);
    try {
      return await send(AbortSignal.any([this.#signal, inVain.signal]));
    } catch (error) {
      if (inVain.signal.aborted) throw connectionLoss(path);
      throw error;
    } finally {
      clearInterval(timer);
    }
  }
}

/** Throws the error with which ZooKeeper's Java client rejects an invalid path before it sends a request. */
function checkPath(path: string): void {
  const fault = pathFault(path);
  if (fault !== undefined) throw new Failure(fault, 1, { path });
}

/** Throws if the ACL is empty. The message does not contain the path, as in ZooKeeper's Java client. */
function checkAcl(acl: readonly Acl[], path: string): void {
  if (acl.length === 0) throw new Failure(errorSentence('INVALIDACL', null), 1, { code: 'INVALIDACL', path });
}

export type RemovedKind = 'any' | 'data' | 'children' | 'persistent' | 'persistentRecursive';

export function childPath(parent: string, child: string): string {
  return `${parent === '/' ? '' : parent}/${child}`;
}
