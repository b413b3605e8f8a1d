import { ErrorCode, type ErrorName, parentPath } from '@nodekeeper/protocol';
import type { Failure, Outcome, ZooKeeperErrorCode } from './core/request.js';

export type { Outcome, ZooKeeperErrorCode } from './core/request.js';

const brand = Symbol.for('nodekeeper.ZooKeeperError');

/** What the codes mean, where the code itself does not tell all. */
const meanings: Partial<Record<ZooKeeperErrorCode, string>> = {
  NONODE: 'there is no such node',
  NODEEXISTS: 'the node exists already',
  NOTEMPTY: 'the node has children',
  BADVERSION: 'the node has another version',
  NOAUTH: 'the ACL does not allow it',
  NOCHILDRENFOREPHEMERALS: 'an ephemeral node cannot have children',
  INVALIDACL: 'the ACL is not valid',
  BADARGUMENTS: 'the arguments are not valid',
  SESSIONEXPIRED: 'the session expired',
  SESSIONMOVED: 'the session has moved to another server',
  NOTREADONLY: 'the server is read-only',
  NOWATCHER: 'there is no such watch',
  QUOTAEXCEEDED: 'the quota is exceeded',
  UNIMPLEMENTED: 'the server does not offer this operation',
  REQUESTTIMEOUT: 'no reply came in time',
  RECONFIGDISABLED: 'reconfiguration is disabled on the server',
  RUNTIMEINCONSISTENCY: 'not tried, because an operation before it failed',
  OK: 'undone, because an operation behind it failed',
};

const outcomes: Record<Outcome, string> = {
  rejected: '',
  'not-sent': '; it was not sent',
  unknown: '; it may have been carried out',
};

/** Everything that this client rejects with, or throws. `code` says what happened, `outcome` what is known of the request. */
export class ZooKeeperError extends Error {
  /** Apache's name of the error, such as `NONODE`, or one of the client's own: `ABORTED`, `CLOSED`, `INVALID_DATA`. */
  readonly code: ZooKeeperErrorCode;
  /** Apache's number of it, such as -101; 0 for the client's own. */
  readonly number: number;
  /** The operation by its name in this API, such as `get`; `connect` while there is no session yet. */
  readonly op: string;
  /** As the caller gave it. */
  readonly path: string | undefined;
  /**
   * `rejected`: the server refused; `not-sent`: certainly not carried out, so it is safe to try again; `unknown`: sent,
   * and no answer was seen, so it may have been carried out.
   */
  readonly outcome: Outcome;
  /** Of a transaction that failed: what became of each of its operations, in order. */
  declare readonly results?: readonly ZooKeeperError[];

  /**
   * @internal
   * @param chroot of the client, for what a server said: what is wrong may lie there
   */
  constructor(failure: Failure, op: string, path?: string, chroot = '', results?: readonly ZooKeeperError[]) {
    const what = failure.detail ?? meaningOf(failure.code, op, path, chroot) ?? failure.code;
    const subject = path === undefined ? op : `${op} ${path}`;
    const place = chroot === '' ? '' : ` (chroot ${chroot})`;
    super(`${subject}${place}: ${what} (${failure.code}${outcomes[failure.outcome]})`, causeOf(failure));
    this.code = failure.code;
    this.number = ErrorCode[failure.code as ErrorName] ?? 0;
    this.op = op;
    this.path = path;
    this.outcome = failure.outcome;
    if (results !== undefined) this.results = results;
  }

  override get name(): string {
    return 'ZooKeeperError';
  }

  /** @internal What marks errors of every copy of this package. */
  get [brand](): true {
    return true;
  }

  /** Whether `error` is one of these (from any copy of this package), and has this code if one is given. */
  static is(error: unknown, code?: ZooKeeperErrorCode): error is ZooKeeperError {
    const isOne = typeof error === 'object' && error !== null && brand in error;
    return isOne && (code === undefined || (error as ZooKeeperError).code === code);
  }
}

/** What a code means; for some operations it is about another node than the one that was named. */
function meaningOf(code: ZooKeeperErrorCode, op: string, path: string | undefined, chroot: string): string | undefined {
  if (path === undefined) return meanings[code];
  if (code === 'NONODE' && path === '/' && chroot !== '' && op !== 'create') return 'the chroot does not exist';
  if (op === 'create' || op === 'delete') return meaningOfParent(code, op, path, chroot) ?? meanings[code];
  return meanings[code];
}

function meaningOfParent(code: ZooKeeperErrorCode, op: string, path: string, chroot: string): string | undefined {
  const parent = parentText(path, chroot);
  if (code === 'NOAUTH') return `the ACL of ${parent} does not allow it`;
  if (op !== 'create') return undefined;
  if (code === 'NONODE') return `${parent} does not exist`;
  if (code === 'NOCHILDRENFOREPHEMERALS') return `${parent} is ephemeral and cannot have children`;
  return undefined;
}

/** The parent as the caller would name it: it may be the chroot, or the node above that. */
function parentText(path: string, chroot: string): string {
  if (path === '/') return chroot === '' ? 'the parent' : `${parentPath(chroot)}, the parent of the chroot,`;
  const parent = parentPath(path);
  return parent === '/' && chroot !== '' ? 'the chroot' : `the parent ${parent}`;
}

function causeOf({ cause }: Failure): ErrorOptions {
  return cause === undefined ? {} : { cause };
}

/** Data was read, and its codec does not know what to do with it. */
export function invalidData(op: string, path: string | undefined, cause: unknown): ZooKeeperError {
  const detail = `the data is not what the codec expects: ${(cause as Error).message}`;
  return new ZooKeeperError({ code: 'INVALID_DATA', outcome: 'rejected', detail, cause }, op, path);
}

/** A call that was refused here; `path` where it has one that is text. */
export function badArgument(op: string, path: unknown, detail: string): ZooKeeperError {
  const failure = { code: 'BADARGUMENTS', outcome: 'not-sent', detail } as const;
  return new ZooKeeperError(failure, op, typeof path === 'string' ? path : undefined);
}
