import type { ServerView } from '../server-view.js';

/** The text of an answer in pieces, because a long report may exceed JavaScript's maximum length of a string. */
export type Answer = Iterable<string>;

export const notServingText = 'This ZooKeeper instance is not currently serving requests';

/**
 * A four-letter word in two steps: `read` collects data, and `text` formats the data as ZooKeeper does. Other formats
 * can use the same data. The data consists of plain objects, arrays, maps, numbers, strings and booleans. Its fields
 * have the names of ZooKeeper's JSON for the command, in camel case. Additional fields are allowed.
 */
export interface FourLetterWord<Data extends object = object> {
  readonly name: string;
  /**
   * The word's four bytes as a 32-bit integer. The word arrives where the server expects the length of a client's first
   * frame.
   */
  readonly code: number;
  /** Length in bytes of the argument that follows the word. */
  readonly argumentBytes: number;
  /**
   * The answer that replaces the usual one while the server serves no clients. If undefined, the word always gives its
   * usual answer.
   */
  readonly notServing: string | undefined;
  /** Reads the server's state. If the word has an effect, this function also changes the state. */
  read(view: ServerView, argument: Uint8Array): Data;
  /** Formats the data as the text that ZooKeeper sends. */
  text(data: Data): Answer;
}

type Options = Partial<Pick<FourLetterWord, 'code' | 'argumentBytes' | 'notServing'>>;

/** Options for a word that gives its usual answer even while the server serves no clients. */
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
