import type { EventEmitter } from 'node:events';

/**
 * Calls the listeners of an event. An exception of a listener becomes an uncaught exception of the process, and the
 * recipe continues. The same happens to an `error` without a listener, so that it cannot be missed.
 */
export function emitSafely<Events extends Record<keyof Events, unknown[]>, Name extends keyof Events & string>(
  emitter: EventEmitter<Events>,
  name: Name,
  ...values: Events[Name]
): void {
  const listeners = (emitter as EventEmitter).rawListeners(name);
  if (name === 'error' && listeners.length === 0) throwLater(values[0]);
  // unlike `emit`, this loop calls every listener even if one of them throws
  for (const listener of listeners) {
    try {
      listener.apply(emitter, values);
    } catch (error) {
      throwLater(error);
    }
  }
}

function throwLater(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}
