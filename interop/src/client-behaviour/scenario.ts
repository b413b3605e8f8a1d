import assert from 'node:assert/strict';
import type { ClientOptions, WatchEvent, ZooKeeper, ZooKeeperErrorCode } from '@nodekeeper/client';
import { type Outcome, ZooKeeperError } from '@nodekeeper/client';

/** One thing that the client does on any server. It starts on an empty tree, of which it may leave anything behind. */
export interface Scenario {
  readonly name: string;
  run(context: BehaviourContext): Promise<void>;
  /** False: it is about the server's whole tree, or too slow to be run a second time inside a chroot. */
  readonly inChroot?: false;
}

export interface BehaviourContext {
  readonly port: number;
  /** Where the clients of this run have their root: empty, or a path that exists. */
  readonly chroot: string;
  /** A client that is connected already. */
  readonly zk: ZooKeeper;
  /** Another one, closed when the scenario is over. */
  connect(options?: ClientOptions): Promise<ZooKeeper>;
  /** One with its own idea of where its root is. */
  connectTo(chroot: string, options?: ClientOptions): Promise<ZooKeeper>;
  /** Stops the server and starts it again on its port and its files; `whileDown` runs in between. */
  restart(whileDown?: () => void | Promise<void>): Promise<void>;
  /** What the server answers to a four-letter word. */
  word(word: string): Promise<string>;
}

interface ExpectedError {
  readonly outcome?: Outcome;
  readonly op?: string;
  readonly path?: string | undefined;
  readonly message?: RegExp;
}

/** Waits for a refusal, of which everything given must be so, and gives it. The server's refusals are the default. */
export async function refused(
  work: Promise<unknown>,
  code: ZooKeeperErrorCode,
  expected: ExpectedError = {},
): Promise<ZooKeeperError> {
  const error = await work.then(
    (value) => assert.fail(`expected ${code}, and it went through with ${JSON.stringify(value, jsonReplacer)}`),
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

/** Long enough for a busy machine; only a failing test waits for it. */
const patienceMs = 10_000;

/** Resolves with what `look` gives once that is neither false nor undefined; asks again every few milliseconds. */
export async function until<Value>(what: string, look: () => Value | Promise<Value>): Promise<Value> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const value = await look();
    if (value !== false && value !== undefined) return value;
    if (performance.now() > deadline) assert.fail(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A watch callback that keeps what it is told. */
export class Events {
  readonly all: WatchEvent[] = [];
  #seen = 0;

  readonly watch = (event: WatchEvent): void => {
    this.all.push(event);
  };

  /** The next event that nobody has asked for, as `type path`. */
  async next(): Promise<string> {
    await until(`event ${this.#seen + 1} comes`, () => this.all.length > this.#seen);
    return text(this.all[this.#seen++]!);
  }

  /** The events that nobody has asked for. All that the server sent before its last reply are there already. */
  rest(): string[] {
    const rest = this.all.slice(this.#seen).map(text);
    this.#seen = this.all.length;
    return rest;
  }
}

export function text({ type, path }: WatchEvent): string {
  return `${type} ${path}`;
}

/** The names of a session's events, from now on. */
export function sessionEvents(zk: ZooKeeper): string[] {
  const seen: string[] = [];
  zk.on('state', ({ event }) => seen.push(event));
  return seen;
}
