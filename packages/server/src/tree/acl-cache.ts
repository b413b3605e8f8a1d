import { type ACL, Perm } from '@nodekeeper/protocol';

/** Stands for `world:anyone` with every permission, which is not kept in the cache (spec 3.3.2). */
export const openAclKey = -1;
export const openAcl: readonly ACL[] = [{ perms: Perm.ALL, id: { scheme: 'world', id: 'anyone' } }];

/**
 * The ACLs of the nodes. A node stores the number of its ACL, and equal lists share one number. References are counted,
 * so that a list that no node uses is dropped.
 */
export class AclCache {
  readonly #byKey = new Map<number, { readonly acl: readonly ACL[]; readonly text: string; uses: number }>();
  readonly #byText = new Map<string, number>();
  #lastKey = 0;

  get size(): number {
    return this.#byKey.size;
  }

  /** Returns the number of a list, and counts one more use of it. */
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
   * Counts one more use of a number that a node of a snapshot refers to. In a fuzzy snapshot, a node may have a newer
   * ACL than the ACL table. The replay of the log gives such a node its own ACL. Until then only a super user may use
   * the node (S-5 ZK-4846).
   */
  retain(key: number): void {
    if (key === openAclKey) return;
    if (!this.#byKey.has(key)) {
      this.load(key, [{ perms: 0, id: { scheme: 'world', id: `missing ACL ${key}` } }]);
      this.missing.add(key);
    }
    this.#byKey.get(key)!.uses++;
  }

  /** Numbers that nodes refer to and the snapshot does not define. */
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

  /** Adds an entry of a snapshot that no node uses yet. */
  load(key: number, acl: readonly ACL[]): void {
    const text = JSON.stringify(acl);
    this.#byKey.set(key, { acl, text, uses: 0 });
    this.#byText.set(text, key);
    this.#lastKey = Math.max(this.#lastKey, key);
  }

  /** Drops the lists that no loaded node refers to (spec 3.3.13). */
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
