import { operations } from './operation.js';
import type { ClientRequest } from './request.js';

/** The unanswered requests that set or remove watches, by path, in the order in which they were made. */
export class WatchRequests<Watcher> {
  readonly #byPath = new Map<string, Set<ClientRequest<Watcher>>>();

  add(request: ClientRequest<Watcher>): void {
    if (!isAboutWatches(request)) return;
    const others = this.#byPath.get(request.path!);
    if (others === undefined) this.#byPath.set(request.path!, new Set([request]));
    else others.add(request);
  }

  delete(request: ClientRequest<Watcher>): void {
    if (!isAboutWatches(request)) return;
    const others = this.#byPath.get(request.path!);
    if (others?.delete(request) && others.size === 0) this.#byPath.delete(request.path!);
  }

  at(path: string): Iterable<ClientRequest<Watcher>> {
    return this.#byPath.get(path) ?? [];
  }

  get isEmpty(): boolean {
    return this.#byPath.size === 0;
  }

  clear(): void {
    this.#byPath.clear();
  }
}

function isAboutWatches<Watcher>({ watch, operation }: ClientRequest<Watcher>): boolean {
  return watch !== undefined || operation === operations.removeWatches || operation === operations.checkWatches;
}
