import type { ServerView } from '../server-view.js';
import { type Answer, always, word } from './word.js';

function readTraceMask(view: ServerView) {
  return { tracemask: view.traceMask };
}

function traceMaskText({ tracemask }: ReturnType<typeof readTraceMask>): Answer {
  return [String(tracemask)];
}

export const gtmk = word('gtmk', readTraceMask, traceMaskText, always);

/** Sets the trace mask to the argument, a 64-bit number. */
function setTraceMask(view: ServerView, argument: Uint8Array) {
  view.traceMask = new DataView(argument.buffer, argument.byteOffset, argument.byteLength).getBigInt64(0);
  return readTraceMask(view);
}

export const stmk = word('stmk', setTraceMask, traceMaskText, { ...always, argumentBytes: 8 });
