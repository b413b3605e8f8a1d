import type { Acl, CreateMode, ZooKeeper } from '@nodekeeper/client';
import { type DataTree, noNode, StatOffset, ttlOfOwner } from '@nodekeeper/server/local';

type NodeId = ReturnType<DataTree['findPath']>;

interface SavedNode {
  readonly path: string;
  readonly data: Buffer | null;
  readonly acl: ReturnType<DataTree['aclOf']>;
  readonly mode: CreateMode;
  readonly ttlMs: number | undefined;
  /** 0 for a persistent node, a session for an ephemeral one. */
  readonly owner: bigint;
  /** The node is unchanged as long as its stat has these values. */
  czxid: number;
  mzxid: number;
  aversion: number;
}

/** The changes that make a tree equal to a snapshot. */
interface Changes {
  /** Paths to delete, children before their parents. */
  readonly deletes: string[];
  readonly creates: SavedNode[];
  readonly sets: SavedNode[];
  readonly setAcls: SavedNode[];
}

/** The nodes below this path belong to the server. The quotas are an exception: clients create them. */
const system = '/zookeeper';
const quotas = '/zookeeper/quota';
/** The server itself writes the data of these nodes. */
const quotaUsage = 'zookeeper_stats';
const bytesOfMulti = 500_000;

/** The nodes of a tree at one time, without the ephemeral nodes' sessions. */
export class TreeSnapshot {
  readonly #nodes = new Map<string, SavedNode>();

  constructor(tree: DataTree) {
    for (const node of nodesOf(tree)) {
      const saved = save(tree, node);
      this.#nodes.set(saved.path, saved);
    }
  }

  /** Returns the changes that make the tree equal to this snapshot; undefined if it is equal already. */
  changesFor(tree: DataTree): Changes | undefined {
    const changes: Changes = { deletes: [], creates: [], sets: [], setAcls: [] };
    const deleted = new Set<string>();
    const kept = new Set<string>();
    for (const node of nodesOf(tree)) {
      const path = tree.pathOf(node);
      const saved = this.#nodes.get(path);
      const isSame = saved !== undefined && !deleted.has(parentOf(path)) && tree.ownerOf(node) === saved.owner;
      if (isSame) {
        kept.add(path);
        compare(tree, node, saved, changes);
      } else {
        deleted.add(path);
        changes.deletes.push(path);
      }
    }
    changes.deletes.reverse();
    for (const saved of this.#nodes.values()) {
      // an ephemeral node that is gone belonged to a session; no other client can create it for that session
      if (!kept.has(saved.path) && saved.mode !== 'EPHEMERAL') changes.creates.push(saved);
    }
    return Object.values(changes).some((list) => list.length > 0) ? changes : undefined;
  }
}

/** Compares a node that exists in the tree and in the snapshot, and adds what must be changed. */
function compare(tree: DataTree, node: NodeId, saved: SavedNode, changes: Changes): void {
  const mzxid = tree.nodes.long(node, StatOffset.mzxid);
  const czxid = tree.nodes.long(node, StatOffset.czxid);
  const aversion = tree.nodes.int(node, StatOffset.aversion);
  if (mzxid !== saved.mzxid) {
    if (isSameData(tree.dataOf(node), saved) || saved.path.endsWith(`/${quotaUsage}`)) saved.mzxid = mzxid;
    else changes.sets.push(saved);
  }
  if (czxid === saved.czxid && aversion === saved.aversion) return;
  if (JSON.stringify(tree.aclOf(node)) === JSON.stringify(saved.acl)) Object.assign(saved, { czxid, aversion });
  else changes.setAcls.push(saved);
}

function isSameData(data: Buffer | null, saved: SavedNode): boolean {
  return data === null || saved.data === null ? data === saved.data : data.equals(saved.data);
}

/** Makes the changes through a client. Requests are sent without waiting, and are carried out in order. */
export async function applyChanges(zk: ZooKeeper, { deletes, creates, sets, setAcls }: Changes): Promise<void> {
  const sent: Promise<unknown>[] = [];
  let transaction = zk.transaction();
  let bytes = 0;
  const add = (size: number) => {
    bytes += size;
    if (bytes < bytesOfMulti) return;
    sent.push(transaction.commit());
    transaction = zk.transaction();
    bytes = 0;
  };
  for (const path of deletes) {
    transaction.delete(path);
    add(path.length + 50);
  }
  for (const { path, data, acl, mode, ttlMs } of creates) {
    transaction.create(path, data, { mode, acl: aclOf(acl), ...(ttlMs !== undefined && { ttlMs }) });
    add(path.length + (data?.length ?? 0) + 200);
  }
  for (const { path, data } of sets) {
    transaction.set(path, data);
    add(path.length + (data?.length ?? 0) + 50);
  }
  if (bytes > 0) sent.push(transaction.commit());
  for (const { path, acl } of setAcls) sent.push(zk.setAcl(path, aclOf(acl)));
  const outcomes = await Promise.allSettled(sent);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

function aclOf(records: SavedNode['acl']): Acl[] {
  return records.map(({ perms, id }) => ({ scheme: id.scheme ?? '', id: id.id ?? '', perms }));
}

/** Returns the nodes that clients may change, parents before their children. */
function* nodesOf(tree: DataTree): Generator<NodeId> {
  for (let node = tree.root; node !== noNode; ) {
    const path = tree.pathOf(node);
    const isSystem = path === system || (path.startsWith(`${system}/`) && !path.startsWith(`${quotas}/`));
    if (!isSystem) yield node;
    const mustDescend = !isSystem || path === system || path === quotas;
    node = mustDescend ? tree.successor(node, tree.root) : tree.successorOfLeaf(node, tree.root);
  }
}

function save(tree: DataTree, node: NodeId): SavedNode {
  const kind = tree.kindOf(node);
  const owner = tree.ownerOf(node);
  return {
    path: tree.pathOf(node),
    data: tree.dataOf(node),
    acl: tree.aclOf(node),
    mode: modes[kind],
    ttlMs: kind === 'ttl' ? ttlOfOwner(owner, tree.options) : undefined,
    owner,
    czxid: tree.nodes.long(node, StatOffset.czxid),
    mzxid: tree.nodes.long(node, StatOffset.mzxid),
    aversion: tree.nodes.int(node, StatOffset.aversion),
  };
}

const modes = {
  persistent: 'PERSISTENT',
  ephemeral: 'EPHEMERAL',
  container: 'CONTAINER',
  ttl: 'PERSISTENT_WITH_TTL',
} as const satisfies Record<ReturnType<DataTree['kindOf']>, CreateMode>;

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
