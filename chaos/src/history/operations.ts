/** The state in which a client saw a node. Null in place of a `Seen` means that the node did not exist. */
export interface Seen {
  /** Undefined if the client received only the Stat and not the data. */
  readonly value: string | undefined;
  readonly version: number;
  readonly czxid: number;
  readonly mzxid: number;
}

export type OperationKind = 'create' | 'set' | 'delete' | 'read' | 'sync+read';

/**
 * `ok` and `refused` (NONODE, NODEEXISTS or BADVERSION) are replies of a server. An `unknown` write may take effect at
 * any later time. A `void` write certainly had no effect.
 */
export type Outcome = 'ok' | 'refused' | 'unknown' | 'void';

/** One operation on one node, as its client saw it. The times of all operations are ms of the same monotonic clock. */
export interface Operation {
  /** Increases with each invocation. So the numbers of one session's operations give the order of its requests. */
  readonly number: number;
  /** The session id in hexadecimal. */
  readonly session: string;
  readonly client: string;
  readonly server: string;
  readonly key: string;
  readonly kind: OperationKind;
  /** The written value. No two writes have the same value. */
  readonly value?: string;
  /** The version that a conditional write expects. */
  readonly ifVersion?: number;
  readonly invokedMs: number;
  /** Infinity if no reply has arrived. */
  completedMs: number;
  outcome: Outcome;
  error?: string;
  seen?: Seen | null;
}

export function isWrite({ kind }: Operation): boolean {
  return kind === 'create' || kind === 'set' || kind === 'delete';
}

/** Describes the operation in one line of a report. */
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
