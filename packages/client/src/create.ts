import { CreateFlag, type CreateRequest, type CreateTTLRequest, type Stat } from '@nodekeeper/protocol';
import { type Acl, openAclRecords, toAclRecords } from './acl.js';
import { type Call, calls, checkOptions } from './calls.js';
import type { Encoder } from './codec.js';
import { toBytes } from './data.js';
import { badArgument, ZooKeeperError } from './errors.js';
import type { Chroot } from './paths.js';

/**
 * Kinds of nodes, by Apache's names: `PERSISTENT`, `EPHEMERAL`, `PERSISTENT_SEQUENTIAL`, `EPHEMERAL_SEQUENTIAL`,
 * `CONTAINER`, `PERSISTENT_WITH_TTL`, `PERSISTENT_SEQUENTIAL_WITH_TTL`.
 */
export type CreateMode = keyof typeof CreateFlag;

/** What kind of node is created, and for whom. */
export interface CreateOptions {
  /** Default `PERSISTENT`. */
  readonly mode?: CreateMode;
  /** Default: everybody may do everything (`OPEN_ACL`). */
  readonly acl?: readonly Acl[];
  /** For TTL modes, and needed there: after how many ms without children and changes the node is deleted; 1 to 2^40 - 1. */
  readonly ttlMs?: number;
}

/** A new node. */
export interface Created {
  /** Of sequential modes: with the number. */
  readonly path: string;
  readonly stat: Stat;
}

type CreateCall =
  | { readonly request: typeof calls.create | typeof calls.createContainer; readonly body: CreateRequest }
  | { readonly request: typeof calls.createTTL; readonly body: CreateTTLRequest };

/** The request and record that create such a node. Throws a `ZooKeeperError` for arguments that do not fit. */
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
  if (ttlMs !== undefined) throw badArgument(op, path, `options.ttlMs is for modes with TTL, not for ${mode}`);
  return { request: mode === 'CONTAINER' ? calls.createContainer : calls.create, body };
}

/** An empty list would let nobody at the node; the server refuses it as well. */
export function nonEmptyAcl(op: string, path: string, acl: readonly Acl[]): readonly Acl[] {
  if (acl.length > 0) return acl;
  const failure = { code: 'INVALIDACL', outcome: 'not-sent', detail: 'the ACL must be a list with an entry' } as const;
  throw new ZooKeeperError(failure, op, path);
}
