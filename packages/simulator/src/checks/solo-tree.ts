import { Writer } from '@nodekeeper/protocol';
import { addSystemNodes, DataTree, Quotas, TxnApplier, WatchManager } from '@nodekeeper/server/testing';

/**
 * Applies the committed transactions, and nothing else, to a tree of the class that servers use. The tree of every
 * server must equal this tree.
 */
export class SoloTree {
  readonly tree = new DataTree({
    digestEnabled: true,
    extendedTypesEnabled: false,
    emulate353TtlNodes: false,
    hashKey: [1, 2],
  });
  readonly sessions = new Set<bigint>();
  readonly #digests = new Map<number, bigint>();
  readonly #body = new Writer(256);
  readonly #applier = new TxnApplier(this.tree, new WatchManager(0), new Quotas(this.tree), {
    sessionCreated: (id) => void this.sessions.add(id),
    sessionClosed: (id) => void this.sessions.delete(id),
  });

  constructor() {
    addSystemNodes(this.tree);
    this.#digests.set(0, this.tree.digest.toBigInt());
  }

  apply(zxid: number, bytes: Buffer): void {
    this.#body.reset();
    this.#applier.apply(bytes, 0, bytes.length, this.#body);
    this.#digests.set(zxid, this.tree.digest.toBigInt());
  }

  /** The digest of the tree after the transaction with this zxid. */
  digestAt(zxid: number): bigint | undefined {
    return this.#digests.get(zxid);
  }
}
