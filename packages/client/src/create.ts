import { CreateFlag, type CreateRequest, type CreateTTLRequest, type Stat } from '@nodekeeper/protocol';
import { type Acl, openAclRecords, toAclRecords } from './acl.js';
import { type Call, calls, checkOptions } from './calls.js';
import type { Encoder } from './codec.js';
import { toBytes } from './data.js';
import { badArgument, ZooKeeperError } from './errors.js';
import type { Chroot } from './paths.js';

/**
 * Kinds of nodes, with ZooKeeper's names: `PERSISTENT`, `EPHEMERAL`, `PERSISTENT_SEQUENTIAL`, `EPHEMERAL_SEQUENTIAL`,
 * `CONTAINER`, `PERSISTENT_WITH_TTL`, `PERSISTENT_SEQUENTIAL_WITH_TTL`.
 */
export type CreateMode = keyof typeof CreateFlag;

/** Options of `create`: the kind of the node, and its ACL. */
export interface CreateOptions {
  /** Default `PERSISTENT`. */
  readonly mode?: CreateMode;
  /** Default `OPEN_ACL`: all clients may do everything. */
  readonly acl?: readonly Acl[];
  /**
   * Required by modes with TTL, and only allowed there. The server deletes the node after this time without children
   * and changes, in milliseconds; 1 to 2^40 - 1.
   */
  readonly ttlMs?: number;
}

/** The result of `create`. */
export interface Created {
  /** The path of the new node, with the number of a sequential one. */
  readonly path: string;
  readonly stat: Stat;
}

type CreateCall =
  | { readonly request: typeof calls.create | typeof calls.createContainer; readonly body: CreateRequest }
  | { readonly request: typeof calls.createTTL; readonly body: CreateTTLRequest };

/**
 * Builds the request and the record that create such a node. Throws a `ZooKeeperError` for arguments that contradict
 * each other.
 */
export function createCall(
  call: Call,
  chroot: Chroot,
  path: string,
  data: unknown,
  options: CreateOptions & { readonly codec?: Encoder },
): CreateCall {
  checkOptions(call, path, options);
  const { op } = call;
  const { mode = 'PERSISTENT', acl, ttlMs, codec } = options;
  const body = {
    path: chroot.toServer(call, path, mode.includes('SEQUENTIAL')),
    data: toBytes(op, path, data, codec),
    acl: acl === undefined ? openAclRecords : toAclRecords(nonEmptyAcl(op, path, acl)),
    flags: CreateFlag[mode],
  };
  if (mode.endsWith('TTL')) {
    if (ttlMs === undefined) throw badArgument(op, path, `options.mode ${mode} needs options.ttlMs`);
    return { request: calls.createTTL, body: { ...body, ttl: BigInt(ttlMs) } };
  }
  if (ttlMs !== undefined) throw badArgument(op, path, `options.ttlMs needs a mode with TTL, got ${mode}`);
  return { request: mode === 'CONTAINER' ? calls.createContainer : calls.create, body };
}

/** Rejects an empty ACL, as the server does: it would allow nothing to any client. */
export function nonEmptyAcl(op: string, path: string, acl: readonly Acl[]): readonly Acl[] {
  if (acl.length > 0) return acl;
  const failure = { code: 'INVALIDACL', outcome: 'not-sent', detail: 'the ACL must have at least one entry' } as const;
  throw new ZooKeeperError(failure, op, path);
}
