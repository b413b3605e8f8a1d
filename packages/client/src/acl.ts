import { createHash } from 'node:crypto';
import { type ACL as AclRecord, Perm } from '@nodekeeper/protocol';
import { anInteger, anObjectWith, aString, type Check, listOf } from './checks.js';
import { badArgument } from './errors.js';

/**
 * An entry of an ACL. It says what a user may do with a node. `perms` is a sum of `Perm.READ`, `Perm.WRITE`,
 * `Perm.CREATE`, `Perm.DELETE` and `Perm.ADMIN`.
 */
export interface Acl {
  readonly scheme: string;
  readonly id: string;
  readonly perms: number;
}

const permsExpected = `a sum of Perm.READ and others, an integer from 0 to ${Perm.ALL}`;
export const anAcl: Check = listOf(
  anObjectWith({ scheme: aString, id: aString, perms: anInteger(0, Perm.ALL, permsExpected) }),
);

/** An ACL that allows everything to all clients. */
export const OPEN_ACL: readonly Acl[] = [{ scheme: 'world', id: 'anyone', perms: Perm.ALL }];
/** An ACL that allows all clients to read. */
export const READ_ACL: readonly Acl[] = [{ scheme: 'world', id: 'anyone', perms: Perm.READ }];
/** An ACL that gives all permissions to the authenticated users of the client that creates the node. */
export const CREATOR_ALL_ACL: readonly Acl[] = [{ scheme: 'auth', id: '', perms: Perm.ALL }];

/** Returns the id of a `digest` ACL entry for the user that `addAuth('digest', 'user:password')` authenticates. */
export function digestId(user: string, password: string): string {
  if (typeof user !== 'string' || typeof password !== 'string') {
    throw badArgument('digestId', undefined, 'user and password must be strings');
  }
  return `${user}:${createHash('sha1').update(`${user}:${password}`).digest('base64')}`;
}

export function toAclRecords(acl: readonly Acl[]): AclRecord[] {
  return acl.map(({ scheme, id, perms }) => ({ perms, id: { scheme, id } }));
}

export function fromAclRecords(records: readonly AclRecord[] | null): Acl[] {
  return (records ?? []).map(({ perms, id }) => ({ scheme: id.scheme ?? '', id: id.id ?? '', perms }));
}

export const openAclRecords: AclRecord[] = toAclRecords(OPEN_ACL);
