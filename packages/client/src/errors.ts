import { ErrorCode, type ErrorName, parentPath } from '@nodekeeper/protocol';
import type { Failure, Outcome, ZooKeeperErrorCode } from './core/request.js';

export type { Outcome, ZooKeeperErrorCode } from './core/request.js';

const brand = Symbol.for('nodekeeper.ZooKeeperError');

/** The texts for codes whose names do not explain the error. */
const meanings: Partial<Record<ZooKeeperErrorCode, string>> = {
  NONODE: 'the node does not exist',
  NODEEXISTS: 'the node already exists',
  NOTEMPTY: 'the node has children',
  BADVERSION: 'the node has another version',
  NOAUTH: 'the ACL does not allow it',
  NOCHILDRENFOREPHEMERALS: 'an ephemeral node cannot have children',
  INVALIDACL: 'the ACL is invalid',
  BADARGUMENTS: 'the arguments are invalid',
  SESSIONEXPIRED: 'the session expired',
  SESSIONMOVED: 'the session has moved to another server',
  NOTREADONLY: 'the server is read-only',
  NOWATCHER: 'the watch does not exist',
  QUOTAEXCEEDED: 'the quota is exceeded',
  UNIMPLEMENTED: 'the server does not support this operation',
  REQUESTTIMEOUT: 'the reply did not arrive in time',
  RECONFIGDISABLED: 'reconfiguration is disabled on the server',
  RUNTIMEINCONSISTENCY: 'not tried, because an earlier operation failed',
  OK: 'undone, because a later operation failed',
};

const outcomes: Record<Outcome, string> = {
  rejected: '',
  'not-sent': '; it was not sent',
  unknown: '; it may have been carried out',
};

/**
 * The error of every call that rejects or throws. `code` says what happened, `outcome` whether the request was carried
 * out.
 */
export class ZooKeeperError extends Error {
  /**
   * ZooKeeper's name of the error, such as `NONODE`, or a name that only this client uses: `ABORTED`, `CLOSED`,
   * `INVALID_DATA`.
   */
  readonly code: ZooKeeperErrorCode;
  /** ZooKeeper's number of the error, such as -101; 0 for the names that only this client uses. */
  readonly number: number;
  /**
   * The method of the client that failed, such as `get`. The name is `connect` if the client could not get a first
   * session.
   */
  readonly op: string;
  /** The path that the caller passed. */
  readonly path: string | undefined;
  /**
   * `rejected`: the server refused the request. `not-sent`: the request was certainly not carried out, so it is safe to
   * try again. `unknown`: the request was sent and got no reply, so it may have been carried out.
   */
  readonly outcome: Outcome;
  /** The results of a failed transaction: one error for each operation, in order. */
  declare readonly results?: readonly ZooKeeperError[];

  /**
   * @internal
   * @param chroot the chroot of the client if a server sent the error, otherwise empty. The error text names the
   * chroot, because the missing node may be the chroot or a node above it
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

  /**
   * @internal Marks an error as a `ZooKeeperError`, so that `is` recognises the errors of every copy of this package.
   */
  get [brand](): true {
    return true;
  }

  /**
   * True if `error` is a `ZooKeeperError` of any copy of this package. If `code` is given, the error must also have
   * that code.
   */
  static is(error: unknown, code?: ZooKeeperErrorCode): error is ZooKeeperError {
    const isOne = typeof error === 'object' && error !== null && brand in error;
    return isOne && (code === undefined || (error as ZooKeeperError).code === code);
  }
}

/** Returns the text for a code. For create and delete, some texts are about the parent of the path. */
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

/**
 * Returns a name for the parent of a path, as the caller sees it. The parent may be the chroot, or the node above the
 * chroot.
 */
function parentText(path: string, chroot: string): string {
  if (path === '/') return chroot === '' ? 'the parent' : `${parentPath(chroot)}, the parent of the chroot,`;
  const parent = parentPath(path);
  return parent === '/' && chroot !== '' ? 'the chroot' : `the parent ${parent}`;
}

function causeOf({ cause }: Failure): ErrorOptions {
  return cause === undefined ? {} : { cause };
}

/** The error for data that the codec cannot decode. */
export function invalidData(op: string, path: string | undefined, cause: unknown): ZooKeeperError {
  const detail = `the codec cannot decode the data: ${(cause as Error).message}`;
  return new ZooKeeperError({ code: 'INVALID_DATA', outcome: 'rejected', detail, cause }, op, path);
}

/** The error for a call with an invalid argument. `path` is ignored unless it is a string. */
export function badArgument(op: string, path: unknown, detail: string): ZooKeeperError {
  const failure = { code: 'BADARGUMENTS', outcome: 'not-sent', detail } as const;
  return new ZooKeeperError(failure, op, typeof path === 'string' ? path : undefined);
}
