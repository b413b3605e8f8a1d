import { type ACL, ErrorCode, Perm, type Reader, type Writer, writeACL, writeVector } from '@nodekeeper/protocol';
import { writeStat } from '../tree/node-encoding.js';
import { noNode } from '../tree/node-table.js';
import { PathSpan } from './path-span.js';
import type { Client, ReadState } from './read-state.js';

const span = new PathSpan();

export function readAcl(state: ReadState, client: Client, reader: Reader, out: Writer): number {
  const path = span.read(reader);
  if (path.isNull) return ErrorCode.MARSHALLINGERROR;
  const { tree, access } = state;
  const node = tree.find(path.bytes, path.start, path.end);
  if (node === noNode) return ErrorCode.NONODE;
  if (!access.allowsNode(tree, node, Perm.READ | Perm.ADMIN, client.ids)) return ErrorCode.NOAUTH;
  const acl = tree.aclOf(node);
  const shown = access.allows(acl, Perm.ADMIN, client.ids) ? acl : acl.map(maskDigest);
  writeVector(out, shown, writeACL);
  writeStat(tree, out, node);
  return ErrorCode.OK;
}

/** Masks the password hash of a digest id. Only clients with ADMIN permission may see the hash (C-8 CVE-2019-0201). */
function maskDigest(entry: ACL): ACL {
  const { scheme, id } = entry.id;
  return scheme === 'digest' ? { perms: entry.perms, id: { scheme, id: (id ?? '').replace(/:.*/, ':x') } } : entry;
}
