import { type ACL, ErrorCode, type Id } from '@nodekeeper/protocol';
import { addressBytes } from '../ports/ip-address.js';
import { openAcl, openAclKey } from '../tree/acl-cache.js';
import type { DataTree } from '../tree/data-tree.js';
import { Field, type NodeId } from '../tree/node-table.js';
import { networkHas, parseNetwork } from './ip-network.js';
import { ParsedAcl } from './parsed-acl.js';
import type { AuthProvider } from './providers.js';

/** An ACL with more entries than this is parsed once and cached. */
const shortAclMax = 8;

interface AccessOptions {
  readonly skipAcl: boolean;
  /** Maximum number of entries in an ACL that a client sends. */
  readonly aclEntriesMax: number;
  /**
   * Maximum total size in bytes of the entries that replace `auth` entries in an ACL. With more bytes the transaction
   * could be too long to be read back (L-2 ZK-3496).
   */
  readonly aclBytesMax: number;
}

/** Checks permissions (spec 2.1). */
export class Access {
  readonly providers: ReadonlyMap<string, AuthProvider>;
  readonly #options: AccessOptions;
  readonly #parsed = new WeakMap<readonly ACL[], ParsedAcl>();

  constructor(providers: ReadonlyMap<string, AuthProvider>, options: AccessOptions) {
    this.providers = providers;
    this.#options = options;
  }

  /** True if the ACL grants at least one of the wanted permissions to a client with these ids. */
  allows(acl: readonly ACL[], wanted: number, ids: readonly Id[]): boolean {
    if (this.#options.skipAcl || acl.length === 0 || ids.some((id) => id.scheme === 'super')) return true;
    if (acl.length > shortAclMax) return this.#parsedOf(acl).allows(wanted, ids);
    return acl.some((entry) => (entry.perms & wanted) !== 0 && this.#isMeant(entry.id, ids));
  }

  #parsedOf(acl: readonly ACL[]): ParsedAcl {
    let parsed = this.#parsed.get(acl);
    if (parsed === undefined) this.#parsed.set(acl, (parsed = new ParsedAcl(acl, this.providers)));
    return parsed;
  }

  allowsNode(tree: DataTree, node: NodeId, wanted: number, ids: readonly Id[]): boolean {
    const key = tree.nodes.get(node, Field.acl);
    return key === openAclKey || this.allows(tree.acls.get(key), wanted, ids);
  }

  #isMeant(aclId: Id, ids: readonly Id[]): boolean {
    if (aclId.scheme === 'world' && aclId.id === 'anyone') return true;
    const comparison = this.providers.get(aclId.scheme ?? '')?.comparison;
    if (comparison === 'network') return isWithin(aclId.id ?? '', ids);
    return (
      comparison === 'equality' && ids.some((id) => id.scheme === aclId.scheme && (id.id ?? '') === (aclId.id ?? ''))
    );
  }

  /**
   * Returns the ACL that a create or setACL stores: without duplicates, and with `auth` entries replaced by the
   * client's ids. Returns an error code if the client's ACL is invalid (spec 2.1.10-2.1.15).
   */
  fixAcl(acl: readonly ACL[] | null, ids: readonly Id[]): readonly ACL[] | number {
    if (acl === openAcl) return acl;
    const { aclEntriesMax, aclBytesMax } = this.#options;
    if (acl !== null && acl.length > aclEntriesMax) return ErrorCode.INVALIDACL;
    const fixed: ACL[] = [];
    let ownBytes = 0;
    for (const entry of withoutDuplicates(acl ?? [])) {
      const { scheme, id } = entry.id;
      if (scheme === null) return ErrorCode.INVALIDACL;
      if (scheme === 'world' && id === 'anyone') {
        fixed.push(entry);
      } else if (scheme === 'auth') {
        const own = ids.filter((candidate) => this.providers.get(candidate.scheme ?? '')?.isAuthenticated);
        if (own.length === 0) return ErrorCode.INVALIDACL;
        for (const candidate of own) {
          ownBytes += 12 + 3 * ((candidate.scheme?.length ?? 0) + (candidate.id?.length ?? 0));
          if (ownBytes > aclBytesMax) return ErrorCode.INVALIDACL;
          fixed.push({ perms: entry.perms, id: candidate });
        }
      } else {
        const provider = this.providers.get(scheme);
        // ZooKeeper replies MARSHALLINGERROR to a null id, because its comparison of the id throws an exception
        if (id === null && (scheme === 'world' || provider !== undefined)) return ErrorCode.MARSHALLINGERROR;
        if (id === null || !provider?.isValid(id)) return ErrorCode.INVALIDACL;
        fixed.push(entry);
      }
    }
    return fixed.length === 0 || fixed.length > aclEntriesMax ? ErrorCode.INVALIDACL : fixed;
  }
}

function isWithin(networkText: string, ids: readonly Id[]): boolean {
  const network = parseNetwork(networkText);
  if (network === undefined) return false;
  return ids.some(({ scheme, id }) => {
    const address = scheme === 'ip' ? addressBytes(id ?? '') : undefined;
    return address !== undefined && networkHas(network, address);
  });
}

function withoutDuplicates(acl: readonly ACL[]): ACL[] {
  if (acl.length < 2) return [...acl];
  const byText = new Map<string, ACL>();
  for (const entry of acl) {
    const text = JSON.stringify([entry.perms, entry.id.scheme, entry.id.id]);
    if (!byText.has(text)) byText.set(text, entry);
  }
  return [...byText.values()];
}
