import { onAbort } from '@nodekeeper/client';
import { type Place, RecipeError } from '../foundation/errors.js';
import type { Held } from '../locks/hold.js';

/** The leadership of a client from its election to its end. The end is known before the node is deleted. */
export class Term implements Held {
  readonly token: number;
  readonly path: string;
  readonly signal: AbortSignal;
  readonly #hold: Held;
  readonly #place: Place;
  readonly #controller = new AbortController();
  readonly #forgetHold: () => void;
  #isReleased = false;

  constructor(hold: Held, place: Place) {
    this.token = hold.token;
    this.path = hold.path;
    this.signal = this.#controller.signal;
    this.#hold = hold;
    this.#place = place;
    this.#forgetHold = onAbort(hold.signal, () => this.end(hold.signal.reason));
  }

  /** Ends the term, but keeps the node. */
  end(reason: RecipeError): void {
    this.#forgetHold();
    this.#controller.abort(reason);
  }

  /** Deletes the node, so that the next client leads. The term must have ended. */
  async leave(): Promise<void> {
    await this.#hold[Symbol.asyncDispose]();
  }

  async release(): Promise<void> {
    if (this.#isReleased) throw new RecipeError('NOT_HELD', this.#place);
    this.#isReleased = true;
    this.end(new RecipeError('NOT_HELD', this.#place, 'the leadership was released'));
    await this.leave();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isReleased) await this.release();
  }
}
