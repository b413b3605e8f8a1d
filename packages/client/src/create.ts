import { CreateFlag, type CreateRequest, type CreateTTLRequest, type Stat } from '@nodekeeper/protocol';
import { type Acl, openAclRecords, toAclRecords } from './acl.js';
import { type Call, calls, checkOptions } from './calls.js';
import type { Encoder } from './codec.js';
import { toBytes } from './data.js';
import { badArgument, ZooKeeperError } from './errors.js';
import type { Chroot } from './paths.js';

/**
 * The kind of a node, by ZooKeeper's name: `PERSISTENT`, `EPHEMERAL`, `PERSISTENT_SEQUENTIAL`, `EPHEMERAL_SEQUENTIAL`,
 * `CONTAINER`, `PERSISTENT_WITH_TTL`, `PERSISTENT_SEQUENTIAL_WITH_TTL`.
 */
export type CreateMode = keyof typeof CreateFlag;

/** Options of `create`: the kind of the node, and its ACL. */
export interface CreateOptions {
  /** The kind of the node. Default `PERSISTENT`. */
  readonly mode?: CreateMode;
  /** The ACL of the node. Default `OPEN_ACL`, which allows everything to all clients. */
  readonly acl?: readonly Acl[];
  /**
   * The time to live of the node, in milliseconds; 1 to 2^40 - 1. The modes with TTL require it, and other modes forbid
   * it. The server deletes the node after it has had no children and no changes for this time.
   */
  readonly ttlMs?: number;
}

/** The result of `create`. */
export interface Created {
  /** The path of the new node. The path of a sequential node includes the number that the server appended. */
  readonly path: string;
  readonly stat: Stat;
}

type CreateCall =
  | { readonly request: typeof calls.create | typeof calls.createContainer; readonly body: CreateRequest }
  | { readonly request: typeof calls.createTTL; readonly body: CreateTTLRequest };

/**
 * Returns the request that creates the node, and the record to send. Throws a `ZooKeeperError` for invalid arguments,
 * and for options that contradict each other.
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

/**
 * Returns `acl`. Throws `INVALIDACL` for an empty ACL, as the server does, because an empty ACL would allow nothing to
 * any client.
 */
export function nonEmptyAcl(op: string, path: string, acl: readonly Acl[]): readonly Acl[] {
  if (acl.length > 0) return acl;
  const failure = { code: 'INVALIDACL', outcome: 'not-sent', detail: 'the ACL must have at least one entry' } as const;
  throw new ZooKeeperError(failure, op, path);
}
