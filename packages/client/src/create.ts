import { CreateFlag, type CreateRequest, type CreateTTLRequest, type Stat } from '@nodekeeper/protocol';
import { type Acl, openAclRecords, toAclRecords } from './acl.js';
import type { Encoder } from './codec.js';
import { checkedTtlMs, toBytes } from './data.js';
import { ZooKeeperError } from './errors.js';
import { badArgument, type Chroot } from './paths.js';

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

export type CreateCall =
  | { readonly name: 'create2' | 'createContainer'; readonly body: CreateRequest }
  | { readonly name: 'createTTL'; readonly body: CreateTTLRequest };

/** The operation and record that create such a node. Throws a `ZooKeeperError` for arguments that do not fit. */
export function createCall(
  chroot: Chroot,
  path: string,
  data: unknown,
  { mode = 'PERSISTENT', acl, ttlMs, codec }: CreateOptions & { readonly codec?: Encoder },
): CreateCall {
  const flags = CreateFlag[mode];
  if (flags === undefined) {
    throw badArgument('create', path, `mode ${String(mode)} is not one of ${Object.keys(CreateFlag).join(', ')}`);
  }
  const body = {
    path: chroot.toServer('create', path, mode.includes('SEQUENTIAL')),
    data: toBytes('create', path, data, codec),
    acl: acl === undefined ? openAclRecords : toAclRecords(checkedAcl('create', path, acl)),
    flags,
  };
  if (mode.endsWith('TTL')) {
    return { name: 'createTTL', body: { ...body, ttl: BigInt(checkedTtlMs('create', path, ttlMs)) } };
  }
  if (ttlMs !== undefined) throw badArgument('create', path, `ttlMs is for modes with TTL, and mode is ${mode}`);
  return { name: mode === 'CONTAINER' ? 'createContainer' : 'create2', body };
}

/** An empty list would let nobody at the node; the server refuses it as well. */
export function checkedAcl(op: string, path: string, acl: readonly Acl[]): readonly Acl[] {
  if (Array.isArray(acl) && acl.length > 0) return acl;
  const failure = { code: 'INVALIDACL', outcome: 'not-sent', detail: 'the ACL must be a list with an entry' } as const;
  throw new ZooKeeperError(failure, op, path);
}
