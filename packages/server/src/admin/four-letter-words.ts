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

/**
 * The four bytes that telnet sends to end its session, handled like a four-letter word. The server closes the
 * connection without an answer.
 */
const telnetClose = word(
  'telnet close',
  () => ({}),
  () => [],
  { ...always, code: 0xfff4fffd | 0 },
);

/** All four-letter words. Spec 6.1 describes the words of ZooKeeper. */
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

/**
 * Finds the four-letter word whose four bytes form this signed 32-bit integer. Returns undefined if there is none; the
 * four bytes are then the length of a frame.
 */
export function findFourLetterWord(code: number): FourLetterWord | undefined {
  return byCode.get(code);
}

/**
 * Runs a four-letter word and returns its answer, or the reason for refusing the word.
 * @param argument the bytes after the word. If there are fewer than `argumentBytes`, the word does nothing.
 */
export function answerFourLetterWord(entry: FourLetterWord, view: ServerView, argument: Uint8Array): Answer {
  if (!isWhitelisted(entry.name, view.config)) {
    return [`${entry.name} is not executed because it is not in the whitelist.\n`];
  }
  if (!view.serving && entry.notServing !== undefined) return [entry.notServing];
  return argument.length < entry.argumentBytes ? [] : entry.text(entry.read(view, argument));
}
