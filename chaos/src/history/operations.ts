/** What was seen of a node; null: that there is none. */
export interface Seen {
  /** Undefined where only a Stat was seen. */
  readonly value: string | undefined;
  readonly version: number;
  readonly czxid: number;
  readonly mzxid: number;
}

export type OperationKind = 'create' | 'set' | 'delete' | 'read' | 'sync+read';

/**
 * `ok` and `refused` (no such node, exists already, another version) are answers; `unknown` may have been carried out,
 * or may be at any later time; `void` certainly was not.
 */
export type Outcome = 'ok' | 'refused' | 'unknown' | 'void';

/** One operation on one node, as its client saw it. Times are ms on one monotonic clock. */
export interface Operation {
  /** In the order of invocation. */
  readonly number: number;
  /** Of requests in one session, the order is that of their numbers. */
  readonly session: string;
  readonly client: string;
  readonly server: string;
  readonly key: string;
  readonly kind: OperationKind;
  /** What is written: no two writes have the same. */
  readonly value?: string;
  /** The write is conditional on it. */
  readonly ifVersion?: number;
  readonly invokedMs: number;
  /** Infinity while it has not been answered. */
  completedMs: number;
  outcome: Outcome;
  error?: string;
  seen?: Seen | null;
}

export function isWrite({ kind }: Operation): boolean {
  return kind === 'create' || kind === 'set' || kind === 'delete';
}

/** For people. */
export function describe(operation: Operation): string {
  const { invokedMs, completedMs, client, session, server, key, kind, value, ifVersion } = operation;
  const end = completedMs === Number.POSITIVE_INFINITY ? '...' : (completedMs / 1000).toFixed(3);
  const what = [kind, key, value && JSON.stringify(value), ifVersion !== undefined && `if version ${ifVersion}`];
  const head = `#${operation.number} ${(invokedMs / 1000).toFixed(3)}-${end} s`;
  return `${head}  ${client} ${session} ${server}  ${what.filter(Boolean).join(' ')}  -> ${answerOf(operation)}`;
}

function answerOf({ outcome, error, seen }: Operation): string {
  if (outcome === 'unknown') return `unknown (${error ?? 'no answer'})`;
  if (outcome !== 'ok') return `${error} (${outcome === 'void' ? 'not carried out' : outcome})`;
  if (seen === null) return 'no such node';
  if (seen === undefined) return 'ok';
  const zxids = `czxid ${seen.czxid.toString(16)} mzxid ${seen.mzxid.toString(16)}`;
  return `${seen.value === undefined ? '' : `${JSON.stringify(seen.value)} `}version ${seen.version} ${zxids}`;
}
