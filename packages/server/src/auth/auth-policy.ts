import type { Id } from '@nodekeeper/protocol';

/** Decides whether a client must authenticate before it sends any other request (spec 2.3). */
export class AuthPolicy {
  readonly #schemes: readonly string[] | undefined;

  /** @param schemes a client needs an id of at least one of these schemes; undefined admits every client */
  constructor(schemes: readonly string[] | undefined) {
    this.#schemes = schemes;
  }

  admits(ids: readonly Id[]): boolean {
    return this.#schemes === undefined || ids.some((id) => this.#schemes!.includes(id.scheme ?? ''));
  }
}
