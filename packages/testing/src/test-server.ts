import type { LocalEnsemble, LocalServer } from '@nodekeeper/server/local';

/** A server of a test, as the test sees it. */
export class TestServer {
  readonly id: number;
  readonly #local: LocalEnsemble;
  readonly #server: LocalServer;

  /** @internal */
  constructor(local: LocalEnsemble, server: LocalServer) {
    this.id = server.id;
    this.#local = local;
    this.#server = server;
  }

  /** The address of this server, as in a connect string. */
  get connectString(): string {
    return this.#local.addresses[this.id - 1]!;
  }

  /** False after `crash`, and after a failure. */
  get isRunning(): boolean {
    return this.#server.state === 'up';
  }

  /** True if the server serves clients: it runs, and it is standalone or has a leader. */
  get isServing(): boolean {
    return this.#server.isServing;
  }

  /** `standalone`, `leader`, `follower` or `observer`; undefined if the server does not serve clients. */
  get mode(): string | undefined {
    return this.#server.mode;
  }

  /** Why the server has ended itself, for example because its disk failed; undefined if it has not. */
  get failure(): string | undefined {
    return this.#server.failure;
  }
}
