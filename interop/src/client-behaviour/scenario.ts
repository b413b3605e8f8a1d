import assert from 'node:assert/strict';
import type { ClientOptions, WatchEvent, ZooKeeper, ZooKeeperErrorCode } from '@nodekeeper/client';
import { type Outcome, ZooKeeperError } from '@nodekeeper/client';

/**
 * A rule that the client follows on any server. The scenario starts with an empty tree, and need not delete what it
 * creates.
 */
export interface Scenario {
  readonly name: string;
  run(context: BehaviourContext): Promise<void>;
  /** False if the scenario concerns the server's whole tree, or is too slow for a second run inside a chroot. */
  readonly inChroot?: false;
}

export interface BehaviourContext {
  readonly port: number;
  /** The chroot of the clients in this run: empty, or an existing path. */
  readonly chroot: string;
  /** A client that is already connected. */
  readonly zk: ZooKeeper;
  /** Connects another client. The runner closes it after the scenario. */
  connect(options?: ClientOptions): Promise<ZooKeeper>;
  /** Connects a client whose chroot is below the chroot of this run. */
  connectTo(chroot: string, options?: ClientOptions): Promise<ZooKeeper>;
  /** Stops the server, calls `whileDown`, and starts the server again with the same port and files. */
  restart(whileDown?: () => void | Promise<void>): Promise<void>;
  /** The server's reply to a four-letter word. */
  word(word: string): Promise<string>;
}

interface ExpectedError {
  readonly outcome?: Outcome;
  readonly op?: string;
  readonly path?: string | undefined;
  readonly message?: RegExp;
}

/**
 * Waits until `work` fails, checks the error's code and the properties in `expected`, and returns the error. By default
 * its outcome must be `rejected`, which means that a server replied with the error.
 */
export async function refused(
  work: Promise<unknown>,
  code: ZooKeeperErrorCode,
  expected: ExpectedError = {},
): Promise<ZooKeeperError> {
  const error = await work.then(
    (value) => assert.fail(`expected ${code}, but it succeeded with ${JSON.stringify(value, jsonReplacer)}`),
    (reason: unknown) => reason,
  );
  if (!ZooKeeperError.is(error)) throw error;
  assert.equal(error.code, code, error.message);
  assert.equal(error.outcome, expected.outcome ?? 'rejected', error.message);
  if (expected.op !== undefined) assert.equal(error.op, expected.op);
  if ('path' in expected) assert.equal(error.path, expected.path);
  if (expected.message !== undefined) assert.match(error.message, expected.message);
  return error;
}

function jsonReplacer(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}

/** The time limit of `until`. It is long enough for a busy machine, and only a failing test reaches it. */
const patienceMs = 10_000;

/** Calls `look` every few milliseconds. Resolves with the first result that is neither false nor undefined. */
export async function until<Value>(what: string, look: () => Value | Promise<Value>): Promise<Value> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const value = await look();
    if (value !== false && value !== undefined) return value;
    if (performance.now() > deadline) assert.fail(`timed out before ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A watch callback that records its events. */
export class Events {
  readonly all: WatchEvent[] = [];
  #seen = 0;

  readonly watch = (event: WatchEvent): void => {
    this.all.push(event);
  };

  /** Waits for the next event that was not returned before. Returns it as `type path`. */
  async next(): Promise<string> {
    await until(`event ${this.#seen + 1} comes`, () => this.all.length > this.#seen);
    return text(this.all[this.#seen++]!);
  }

  /** The events that were not returned before. They include all events that the server sent before its last reply. */
  rest(): string[] {
    const rest = this.all.slice(this.#seen).map(text);
    this.#seen = this.all.length;
    return rest;
  }
}

export function text({ type, path }: WatchEvent): string {
  return `${type} ${path}`;
}

/** Records the names of all session events from this call on. */
export function sessionEvents(zk: ZooKeeper): string[] {
  const seen: string[] = [];
  zk.on('state', ({ event }) => seen.push(event));
  return seen;
}
