import { type ACL, Perm } from '@nodekeeper/protocol';

/** The number of the open ACL: `world:anyone` with every permission. The cache does not store this ACL (spec 3.3.2). */
export const openAclKey = -1;
export const openAcl: readonly ACL[] = [{ perms: Perm.ALL, id: { scheme: 'world', id: 'anyone' } }];

/**
 * The ACLs of all nodes. A node stores the number of its ACL, and equal ACLs share one number. The cache counts the
 * nodes that use an ACL, and drops an ACL that no node uses.
 */
export class AclCache {
  readonly #byKey = new Map<number, { readonly acl: readonly ACL[]; readonly text: string; uses: number }>();
  readonly #byText = new Map<string, number>();
  #lastKey = 0;

  get size(): number {
    return this.#byKey.size;
  }

  /** Returns the number of an ACL, and counts one more use of this ACL. */
  acquire(acl: readonly ACL[] | null): number {
    if (acl === null || acl === openAcl || isOpen(acl)) return openAclKey;
    const text = JSON.stringify(acl);
    const known = this.#byText.get(text);
    if (known !== undefined) {
      this.#byKey.get(known)!.uses++;
      return known;
    }
    const key = ++this.#lastKey;
    this.#byKey.set(key, { acl, text, uses: 1 });
    this.#byText.set(text, key);
    return key;
  }

  /**
   * Counts one more use of the ACL with this number, for a node of a snapshot. A node in a fuzzy snapshot may use an
   * ACL that is newer than the snapshot's table of ACLs. Such a node gets a placeholder, and only a super user may
   * access the node. Replay of the log then gives the node its own ACL (S-5 ZK-4846).
   */
  retain(key: number): void {
    if (key === openAclKey) return;
    if (!this.#byKey.has(key)) {
      this.load(key, [{ perms: 0, id: { scheme: 'world', id: `missing ACL ${key}` } }]);
      this.missing.add(key);
    }
    this.#byKey.get(key)!.uses++;
  }

  /** Numbers of ACLs that nodes of the snapshot use and that the snapshot does not define. */
  readonly missing = new Set<number>();

  release(key: number): void {
    const entry = this.#byKey.get(key);
    if (entry !== undefined && --entry.uses === 0) this.#drop(key, entry.text);
  }

  get(key: number): readonly ACL[] {
    if (key === openAclKey) return openAcl;
    const entry = this.#byKey.get(key);
    if (entry === undefined) throw new Error(`no ACL has the number ${key}`);
    return entry.acl;
  }

  /** Adds an ACL from a snapshot. No node uses the ACL yet. */
  load(key: number, acl: readonly ACL[]): void {
    const text = JSON.stringify(acl);
    this.#byKey.set(key, { acl, text, uses: 0 });
    this.#byText.set(text, key);
    this.#lastKey = Math.max(this.#lastKey, key);
  }

  /** Drops the ACLs that no loaded node uses (spec 3.3.13). */
  dropUnused(): void {
    for (const [key, entry] of this.#byKey) if (entry.uses === 0) this.#drop(key, entry.text);
  }

  #drop(key: number, text: string): void {
    this.#byKey.delete(key);
    this.missing.delete(key);
    if (this.#byText.get(text) === key) this.#byText.delete(text);
  }

  entries(): { key: number; acl: ACL[] }[] {
    return Array.from(this.#byKey, ([key, { acl }]) => ({ key, acl: [...acl] }));
  }
}

function isOpen(acl: readonly ACL[]): boolean {
  const only = acl[0];
  if (only === undefined || acl.length > 1) return false;
  return only.perms === Perm.ALL && only.id.scheme === 'world' && only.id.id === 'anyone';
}
