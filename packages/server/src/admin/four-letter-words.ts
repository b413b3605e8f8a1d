import type { ServerView } from './server-view.js';
import { isWhitelisted } from './whitelist.js';
import { conf, dirs, envi } from './words/configuration.js';
import { cons, crst } from './words/connections.js';
import { hash } from './words/digests.js';
import { mntr } from './words/monitor.js';
import { isro, ruok, srst, srvr, stat } from './words/server-state.js';
import { dump } from './words/sessions.js';
import { gtmk, stmk } from './words/trace-mask.js';
import { wchc, wchp, wchs } from './words/watches.js';
import { type Answer, always, type FourLetterWord, word } from './words/word.js';

export type { FourLetterWord } from './words/word.js';

/** The bytes that telnet sends to end a session: the server closes the connection without an answer. */
const telnetClose = word(
  'telnet close',
  () => ({}),
  () => [],
  { ...always, code: 0xfff4fffd | 0 },
);

/** Every four-letter word of spec 6.1. */
export const fourLetterWords: readonly FourLetterWord[] = [
  conf,
  cons,
  crst,
  dirs,
  dump,
  envi,
  gtmk,
  stmk,
  ruok,
  srst,
  srvr,
  stat,
  wchc,
  wchp,
  wchs,
  mntr,
  isro,
  hash,
  telnetClose,
];

const byCode = new Map(fourLetterWords.map((entry) => [entry.code, entry]));

/** The word whose four bytes, read as a signed int, have this value. Undefined for a frame's length. */
export function findFourLetterWord(code: number): FourLetterWord | undefined {
  return byCode.get(code);
}

/**
 * Runs a word, or returns the reason for refusing it.
 * @param argument the bytes after the word. With fewer than `argumentBytes`, the word does nothing.
 */
export function answerFourLetterWord(entry: FourLetterWord, view: ServerView, argument: Uint8Array): Answer {
  if (!isWhitelisted(entry.name, view.config)) {
    return [`${entry.name} is not executed because it is not in the whitelist.\n`];
  }
  if (!view.serving && entry.notServing !== undefined) return [entry.notServing];
  return argument.length < entry.argumentBytes ? [] : entry.text(entry.read(view, argument));
}
