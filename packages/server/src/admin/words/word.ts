import type { ServerView } from '../server-view.js';

/** Text in pieces, since a report may be longer than a string can be. */
export type Answer = Iterable<string>;

export const notServingText = 'This ZooKeeper instance is not currently serving requests';

/**
 * A four-letter word in two steps: it reads data, then makes Apache's text of the data. Other formats can use the same
 * data. It consists of plain objects, arrays, maps, numbers, strings and booleans. The fields have the names of Apache's
 * JSON for the same command, in camel case; there may be more of them.
 */
export interface FourLetterWord<Data extends object = object> {
  readonly name: string;
  /** Its four bytes as a number: they come where a client sends the length of its first frame. */
  readonly code: number;
  /** Length of the argument that follows the word. */
  readonly argumentBytes: number;
  /** What is answered while the server does not serve; undefined: the same as otherwise. */
  readonly notServing: string | undefined;
  /** Reads the state of the server. A word that is an action changes the state here. */
  read(view: ServerView, argument: Uint8Array): Data;
  /** The text that Apache answers. */
  text(data: Data): Answer;
}

type Options = Partial<Pick<FourLetterWord, 'code' | 'argumentBytes' | 'notServing'>>;

/** For words that answer also while the server does not serve. */
export const always: Options = { notServing: undefined };

export function word<Data extends object>(
  name: string,
  read: FourLetterWord<Data>['read'],
  text: FourLetterWord<Data>['text'],
  options: Options = {},
): FourLetterWord<Data> {
  const code = [...name].reduce((bytes, letter) => (bytes << 8) | letter.charCodeAt(0), 0);
  return { name, code, argumentBytes: 0, notServing: `${notServingText}\n`, read, text, ...options };
}
