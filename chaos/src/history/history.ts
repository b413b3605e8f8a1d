import { closeSync, openSync, writeSync } from 'node:fs';
import { type Stat, ZooKeeperError } from '@nodekeeper/client';
import { now } from '../time.js';
import type { Operation, Outcome, Seen } from './operations.js';

export type Invocation = Pick<Operation, 'session' | 'client' | 'server' | 'key' | 'kind' | 'value' | 'ifVersion'>;

/** Errors that tell the state of the node, as a successful reply does. Other errors say nothing about the node. */
const answers = new Set(['NONODE', 'NODEEXISTS', 'BADVERSION']);

/** All operations of the clients with their results: in memory, by path, and in a file. */
export class History {
  readonly byKey = new Map<string, Operation[]>();
  readonly counts = new Map<string, number>();
  /** When the last successful write completed. */
  lastWriteMs = 0;
  /** The latest time at which a successful write was invoked. */
  lastWriteInvokedMs = 0;
  longestGapMs = 0;
  #isGapCounted = false;
  #number = 0;
  #file: number;
  #lines: string[] = [];

  constructor(path: string) {
    this.#file = openSync(path, 'w');
  }

  invoke(invocation: Invocation): Operation {
    const operation: Operation = {
      number: ++this.#number,
      ...invocation,
      invokedMs: now(),
      completedMs: Number.POSITIVE_INFINITY,
      outcome: 'unknown',
    };
    const ofKey = this.byKey.get(operation.key);
    if (ofKey === undefined) this.byKey.set(operation.key, [operation]);
    else ofKey.push(operation);
    return operation;
  }

  /** Runs `call` and records its result or its ZooKeeperError. The promise does not reject with a ZooKeeperError. */
  async record(invocation: Invocation, call: () => Promise<Seen | null | undefined>): Promise<Operation> {
    const operation = this.invoke(invocation);
    try {
      const seen = await call();
      if (seen !== undefined) operation.seen = seen;
      this.complete(operation, 'ok');
    } catch (error) {
      this.fail(operation, error);
    }
    return operation;
  }

  fail(operation: Operation, error: unknown): void {
    if (!ZooKeeperError.is(error)) throw error;
    operation.error = error.code;
    const isRead = operation.kind === 'read' || operation.kind === 'sync+read';
    if (isRead && error.code === 'NONODE') {
      operation.seen = null;
      this.complete(operation, 'ok');
    } else {
      this.complete(operation, outcomeOf(error));
    }
  }

  complete(operation: Operation, outcome: Outcome): void {
    operation.outcome = outcome;
    if (outcome !== 'unknown') operation.completedMs = now();
    const name = `${operation.kind} ${outcome}`;
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    if (outcome === 'ok' && !operation.kind.endsWith('read')) this.#succeeded(operation);
    this.#keep(operation);
  }

  /** Starts to measure the time between successful writes (`longestGapMs`). */
  countGaps(): void {
    this.lastWriteMs = now();
    this.#isGapCounted = true;
  }

  stopCountingGaps(): void {
    this.#isGapCounted = false;
  }

  #succeeded(operation: Operation): void {
    const ms = operation.completedMs;
    if (this.#isGapCounted) this.longestGapMs = Math.max(this.longestGapMs, ms - this.lastWriteMs);
    this.lastWriteMs = ms;
    this.lastWriteInvokedMs = Math.max(this.lastWriteInvokedMs, operation.invokedMs);
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  totalOf(outcome: Outcome): number {
    return [...this.counts].reduce((sum, [name, count]) => (name.endsWith(` ${outcome}`) ? sum + count : sum), 0);
  }

  #keep(operation: Operation): void {
    this.#lines.push(`${JSON.stringify(operation)}\n`);
    if (this.#lines.length >= 500) this.#write();
  }

  #write(): void {
    writeSync(this.#file, this.#lines.join(''));
    this.#lines = [];
  }

  close(): void {
    this.#write();
    closeSync(this.#file);
  }
}

function outcomeOf({ code, outcome }: ZooKeeperError): Outcome {
  if (outcome === 'unknown') return 'unknown';
  return outcome === 'rejected' && answers.has(code) ? 'refused' : 'void';
}

export function seenOf(stat: Stat, data?: Buffer | null): Seen {
  const { version } = stat;
  return { value: data?.toString(), version, czxid: Number(stat.czxid), mzxid: Number(stat.mzxid) };
}
