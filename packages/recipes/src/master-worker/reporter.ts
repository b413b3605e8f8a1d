import { EventEmitter, on } from 'node:events';
import { emitSafely } from '../foundation/emit-safely.js';
import { RecipeError } from '../foundation/errors.js';

/** The events of a long-lived recipe, by type; `event` is every one of them. */
type ReportedEvents<Event extends { readonly type: string }> = {
  [Type in Event['type']]: [event: Extract<Event, { readonly type: Type }>];
} & {
  event: [event: Event];
  /** The recipe has ended for good. Without a listener for it, the process stops. */
  error: [error: RecipeError];
  close: [];
};

/** Emits typed events, and offers them to `for await`. A listener that throws does not disturb the recipe. */
export class Reporter<Event extends { readonly type: string }> extends EventEmitter<ReportedEvents<Event>> {
  #isClosed = false;

  /** The events from now on, until the recipe is closed or `signal` is aborted. */
  async *events(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<Event, void> {
    const emitter = this as unknown as EventEmitter;
    for await (const [event] of on(emitter, 'event', { ...options, close: ['close'] })) yield event;
  }

  protected tell(event: Event): void {
    this.#emit(event.type, event);
    this.#emit('event', event);
  }

  protected tellClosed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#emit('close');
  }

  /**
   * Reports that the recipe has ended by itself. The error stops the process if it has no listener. It is no news to a
   * program that has closed its client.
   */
  protected tellError(error: unknown): void {
    if (RecipeError.is(error, 'CLOSED')) this.tellClosed();
    else this.#emit('error', error);
  }

  #emit(name: string, ...values: unknown[]): void {
    emitSafely(this as unknown as EventEmitter<Record<string, unknown[]>>, name, ...values);
  }
}
