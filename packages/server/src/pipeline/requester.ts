import type { Id, Writer } from '@nodekeeper/protocol';
import type { Session } from '../session/session-tracker.js';
import type { Answerable } from './proposal.js';

/** The connection a request came from, as the write path knows it. */
export interface Requester {
  readonly ids: readonly Id[];
  readonly session: Session | undefined;
  /** The server that the client is connected to; undefined where there is only one. */
  readonly owner: unknown;
  /** The write is committed, and is applied next: what came in before it is answered first. */
  committing(): void;
  /** The write is durable and applied: answer it, and what waited behind it. */
  committed(proposal: Answerable, err: number, body: Writer): void;
}

/** Nobody here waits for the answer: the server asks for itself, or for another one, which answers when the commit gets there. */
export class SilentRequester implements Requester {
  readonly session = undefined;

  constructor(
    readonly owner: unknown,
    readonly ids: readonly Id[],
  ) {}

  committing(): void {}

  committed(): void {}
}
