import type { Id } from '@nodekeeper/protocol';

/** Whether clients must authenticate before any other request (spec 2.3). */
export class AuthPolicy {
  readonly #schemes: readonly string[] | undefined;

  /** @param schemes a connection needs an id of one of them; undefined admits every connection */
  constructor(schemes: readonly string[] | undefined) {
    this.#schemes = schemes;
  }

  admits(ids: readonly Id[]): boolean {
    return this.#schemes === undefined || ids.some((id) => this.#schemes!.includes(id.scheme ?? ''));
  }
}
