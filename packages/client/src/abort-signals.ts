import { setMaxListeners } from 'node:events';

const nothing = () => {};

/** Calls `listener` once the signal is aborted; gives what undoes that. */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return nothing;
  // one signal may well be for hundreds of requests; that is no leak that Node.js would have to warn of
  setMaxListeners(0, signal);
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}
