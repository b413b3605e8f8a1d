import { onAbort } from '../abort-signals.js';
import { calls } from '../calls.js';
import type { ZooKeeper } from '../client.js';
import type { Failure } from '../core/request.js';
import { badArgument, ZooKeeperError } from '../errors.js';
import type { RemovableKind } from './removable-kinds.js';
import type { WatchCallback } from './watch-event.js';
import { type WatchSource, WatchStream, type WatchStreamOptions } from './watch-stream.js';

/** The watch streams of a client that have not ended. */
export class WatchStreams {
  readonly #zk: ZooKeeper;
  readonly #open = new Set<WatchStream>();

  constructor(zk: ZooKeeper) {
    this.#zk = zk;
  }

  open(path: string, options: WatchStreamOptions): WatchStream {
    const { once, recursive = false, signal } = options;
    if (once !== undefined && recursive) {
      throw badArgument(calls.watch.op, path, 'options.once and options.recursive cannot be combined');
    }
    const source = once === undefined ? this.#persistent(path, recursive) : this.#oneShot(path, once);
    const stream = new WatchStream(path, source, options, (ended) => {
      this.#open.delete(ended);
      forgetSignal();
    });
    const abort = () => {
      const failure = { code: 'ABORTED', outcome: 'not-sent', detail: 'aborted', cause: signal?.reason } as const;
      stream.abort(new ZooKeeperError(failure, calls.watch.op, path));
    };
    this.#open.add(stream);
    const forgetSignal = onAbort(signal, abort);
    if (signal?.aborted) abort();
    return stream;
  }

  /**
   * Must be called when the session is over. All iterators throw `failure`, or end without an error if `failure` is
   * undefined.
   */
  end(failure: Failure | undefined): void {
    const error = failure && new ZooKeeperError(failure, calls.watch.op);
    for (const stream of [...this.#open]) stream.end(error);
  }

  #persistent(path: string, recursive: boolean): WatchSource {
    const mode = recursive ? 'PERSISTENT_RECURSIVE' : 'PERSISTENT';
    return {
      register: (callback, signal) => this.#zk.addWatch(path, callback, { mode, signal }),
      unregister: (callback) => this.#forget(path, recursive ? 'persistentRecursive' : 'persistent', callback),
    };
  }

  #oneShot(path: string, once: 'data' | 'exists' | 'children'): WatchSource {
    const read = { data: 'get', exists: 'exists', children: 'children' } as const;
    return {
      register: async (watch, signal) => void (await this.#zk[read[once]](path, { watch, signal })),
      unregister: (callback) => this.#forget(path, once === 'children' ? 'children' : 'data', callback),
    };
  }

  /** Removes the watch. Ignores errors, because the watch may no longer exist. */
  async #forget(path: string, kind: RemovableKind, callback: WatchCallback): Promise<void> {
    await this.#zk.removeWatches(path, { kind, callback, local: true }).catch(() => {});
  }
}
