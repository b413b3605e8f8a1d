import type { ServerView } from '../server-view.js';

/** Text in pieces, because a report may exceed the maximum length of a string. */
export type Answer = Iterable<string>;

export const notServingText = 'This ZooKeeper instance is not currently serving requests';

/**
 * A four-letter word in two steps: it reads data, then formats the data as ZooKeeper's text. Other formats can use the
 * same data. The data consists of plain objects, arrays, maps, numbers, strings and booleans. Its fields have the names
 * of ZooKeeper's JSON for the same command, in camel case, and may be more.
 */
export interface FourLetterWord<Data extends object = object> {
  readonly name: string;
  /** The word's four bytes as a number. They arrive where a client sends the length of its first frame. */
  readonly code: number;
  /** Length of the argument that follows the word. */
  readonly argumentBytes: number;
  /** The answer while the server does not serve; undefined for the usual answer. */
  readonly notServing: string | undefined;
  /** Reads the state of the server. A word with an effect changes the state here. */
  read(view: ServerView, argument: Uint8Array): Data;
  /** The text of ZooKeeper's answer. */
  text(data: Data): Answer;
}

type Options = Partial<Pick<FourLetterWord, 'code' | 'argumentBytes' | 'notServing'>>;

/** For words that answer even while the server does not serve. */
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
