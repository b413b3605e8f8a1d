import { ErrorCode, EventType, parentPath, type Stat } from '@nodekeeper/protocol';

export type Change =
  | { readonly kind: 'create'; readonly path: string; readonly data: string; readonly owner: bigint }
  | { readonly kind: 'set'; readonly path: string; readonly data: string; readonly version: number }
  | { readonly kind: 'delete'; readonly path: string; readonly version: number }
  | { readonly kind: 'check'; readonly path: string; readonly version: number };

/** A notification for the watches of a path. */
export interface Trigger {
  readonly type: number;
  readonly path: string;
}

/** An entry of the only log of the model. Every write has an entry, even a write that was refused. */
export interface Txn {
  readonly zxid: number;
  /** The index of the client that made the request; -1 if no client made it. */
  readonly client: number;
  readonly xid: number;
  readonly err: number;
  readonly changes: readonly Change[];
  readonly triggers: readonly Trigger[];
}

interface Node {
  data: string;
  czxid: number;
  mzxid: number;
  pzxid: number;
  version: number;
  cversion: number;
  owner: bigint;
  readonly children: Set<string>;
}

/** The tree of nodes that results from the first entries of the log. */
export class Tree {
  readonly nodes = new Map<string, Node>([['/', node('', 0, 0n)]]);

  copy(): Tree {
    const copy = new Tree();
    for (const [path, each] of this.nodes) copy.nodes.set(path, { ...each, children: new Set(each.children) });
    return copy;
  }

  /** The error code if the change is not possible, otherwise 0. */
  refusal(change: Change): number {
    const { path } = change;
    const found = this.nodes.get(path);
    if (change.kind === 'create') {
      const parent = this.nodes.get(parentPath(path));
      if (found !== undefined) return ErrorCode.NODEEXISTS;
      if (parent === undefined) return ErrorCode.NONODE;
      return parent.owner === 0n ? 0 : ErrorCode.NOCHILDRENFOREPHEMERALS;
    }
    if (found === undefined) return ErrorCode.NONODE;
    if (change.version !== -1 && change.version !== found.version) return ErrorCode.BADVERSION;
    return change.kind === 'delete' && found.children.size > 0 ? ErrorCode.NOTEMPTY : 0;
  }

  apply(change: Change, zxid: number): void {
    const { path } = change;
    const parent = this.nodes.get(parentPath(path))!;
    if (change.kind === 'create') {
      this.nodes.set(path, node(change.data, zxid, change.owner));
      parent.children.add(path.slice(path.lastIndexOf('/') + 1));
    } else if (change.kind === 'set') {
      const found = this.nodes.get(path)!;
      found.data = change.data;
      found.mzxid = zxid;
      found.version++;
    } else if (change.kind === 'delete') {
      this.nodes.delete(path);
      parent.children.delete(path.slice(path.lastIndexOf('/') + 1));
    }
    if (change.kind === 'create' || change.kind === 'delete') {
      parent.cversion++;
      parent.pzxid = zxid;
    }
  }

  stat(path: string): Stat {
    const { data, czxid, mzxid, pzxid, version, cversion, owner, children } = this.nodes.get(path)!;
    return {
      czxid,
      mzxid,
      ctime: 0,
      mtime: 0,
      version,
      cversion,
      aversion: 0,
      ephemeralOwner: owner,
      dataLength: data.length,
      numChildren: children.size,
      pzxid,
    };
  }

  ephemeralsOf(owner: bigint): string[] {
    return [...this.nodes].filter(([, each]) => each.owner === owner).map(([path]) => path);
  }
}

function node(data: string, zxid: number, owner: bigint): Node {
  return { data, czxid: zxid, mzxid: zxid, pzxid: zxid, version: 0, cversion: 0, owner, children: new Set() };
}

/** The notifications that a change causes, in their order (spec 1.8). */
export function triggersOf(change: Change): Trigger[] {
  const { path } = change;
  const ofParent = { type: EventType.nodeChildrenChanged, path: parentPath(path) };
  switch (change.kind) {
    case 'create':
      return [{ type: EventType.nodeCreated, path }, ofParent];
    case 'delete':
      return [{ type: EventType.nodeDeleted, path }, ofParent];
    case 'set':
      return [{ type: EventType.nodeDataChanged, path }];
    default:
      return [];
  }
}
