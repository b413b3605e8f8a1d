import {
  codecs,
  ErrorCode,
  EventType,
  OpCode,
  parentPath,
  Reader,
  txnCxid,
  txnHeaderBytes,
  txnSessionId,
  txnTimeMs,
  txnType,
  txnZxid,
} from '@nodekeeper/protocol';
import type { World } from '../world/world.js';
import { TriggerLog } from './client/trigger-log.js';

export interface Header {
  readonly sessionId: bigint;
  /**
   * The client's number (xid) of the request: the lower bits of the field in the transaction header. Its upper bits are
   * the id of the server that forwarded the request.
   */
  readonly cxid: number;
  readonly zxid: number;
  readonly timeMs: number;
  readonly type: number;
}

/** The state of a znode at one zxid. A `ModelNode` never changes. */
export interface ModelNode {
  readonly data: string;
  readonly czxid: number;
  readonly mzxid: number;
  readonly pzxid: number;
  readonly ctimeMs: number;
  readonly mtimeMs: number;
  readonly version: number;
  readonly cversion: number;
  readonly owner: bigint;
  readonly children: ReadonlySet<string>;
}

interface Version {
  readonly zxid: number;
  readonly node: ModelNode | undefined;
}

export type ChangeKind = 'created' | 'deleted' | 'changed' | 'children';

/** The type of event that watches receive for each kind of change. */
export const eventFor: Record<ChangeKind, number> = {
  created: EventType.nodeCreated,
  deleted: EventType.nodeDeleted,
  changed: EventType.nodeDataChanged,
  children: EventType.nodeChildrenChanged,
};

interface Change {
  readonly zxid: number;
  readonly kind: ChangeKind;
}

const noChildren: ReadonlySet<string> = new Set();
const containerOwner = -0x8000000000000000n;

/** True if the transaction changed nothing, because the request was refused or a part of the multi failed. */
export function isRefusal(bytes: Buffer, { type }: Header): boolean {
  if (type !== OpCode.multi) return type === OpCode.error;
  const { txns } = codecs.MultiTxn.read(new Reader(bytes, txnHeaderBytes, bytes.length));
  return txns?.some((part) => part.type === OpCode.error) ?? false;
}

/** True if the request was refused only because the session had moved to another connection. */
export function isMoved(bytes: Buffer, { type }: Header): boolean {
  const codeOf = (reader: Reader) => codecs.ErrorTxn.read(reader).err;
  const reader = new Reader(bytes, txnHeaderBytes, bytes.length);
  if (type === OpCode.error) return codeOf(reader) === ErrorCode.SESSIONMOVED;
  if (type !== OpCode.multi) return false;
  const { txns } = codecs.MultiTxn.read(reader);
  const refused = txns?.filter((part) => part.type === OpCode.error) ?? [];
  return refused.some(({ data }) => codeOf(new Reader(data!)) === ErrorCode.SESSIONMOVED);
}

function readHeader(bytes: Buffer): Header {
  return {
    sessionId: txnSessionId(bytes),
    cxid: txnCxid(bytes) & 0xffffff,
    zxid: txnZxid(bytes),
    timeMs: txnTimeMs(bytes),
    type: txnType(bytes),
  };
}

/**
 * Applies the committed transactions to an empty tree in the simplest way, and keeps all past states. The model tells
 * what a read must find at the zxid of its reply. It shares no code with the server's tree.
 */
export class Model {
  readonly sessions = new Set<bigint>();
  readonly sessionsEver = new Set<bigint>();
  readonly closedAt = new Map<bigint, number>();
  lastZxid = 0;
  readonly triggers = new TriggerLog();
  readonly #versions = new Map<string, Version[]>();
  readonly #changes = new Map<string, Change[]>();
  readonly #ephemerals = new Map<bigint, Set<string>>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
    const root = { data: '', czxid: 0, mzxid: 0, pzxid: 0, ctimeMs: 0, mtimeMs: 0, version: 0, owner: 0n };
    // -1 is the cversion of ZooKeeper's root, because no transaction creates its first child, /zookeeper
    this.#set('/', 0, { ...root, cversion: -1, children: new Set(['zookeeper']) });
    this.#set('/zookeeper', 0, { ...root, cversion: 0, children: new Set(['quota', 'config']) });
    for (const path of ['/zookeeper/quota', '/zookeeper/config']) {
      this.#set(path, 0, { ...root, cversion: 0, children: noChildren });
    }
  }

  // ---- past states

  at(path: string, zxid: number): ModelNode | undefined {
    return this.#versions.get(path)?.findLast((version) => version.zxid <= zxid)?.node;
  }

  /** The first change of the node after `afterZxid` that is of one of these kinds. */
  firstChange(path: string, afterZxid: number, kinds: readonly ChangeKind[]): Change | undefined {
    return this.#changes.get(path)?.find(({ zxid, kind }) => zxid > afterZxid && kinds.includes(kind));
  }

  get paths(): Iterable<string> {
    return this.#versions.keys();
  }

  ownedBy(sessionId: bigint): ReadonlySet<string> {
    return this.#ephemerals.get(sessionId) ?? noChildren;
  }

  // ---- applying transactions

  apply(bytes: Buffer): Header {
    const header = readHeader(bytes);
    const { zxid, sessionId, type } = header;
    const reader = new Reader(bytes, txnHeaderBytes, bytes.length);
    // a client's closeSession may arrive after its session has expired: the second close changes nothing (as in
    // ZooKeeper)
    const isOfLife = type === OpCode.createSession || type === OpCode.closeSession;
    const isChange = !isOfLife && header.cxid > 0 && !isRefusal(bytes, header);
    if (isChange) this.#demandLive(sessionId, header);
    this.#apply(type, reader, header);
    this.lastZxid = zxid;
    return header;
  }

  #demandLive(sessionId: bigint, { zxid }: Header): void {
    this.#world.demand(this.sessions.has(sessionId), 'SessionUniqueness', () => {
      return `0x${zxid.toString(16)} is a change by session ${sessionId.toString(16)}, which is over or was never opened`;
    });
  }

  #apply(type: number, reader: Reader, header: Header): void {
    switch (type) {
      case OpCode.create:
      case OpCode.create2: {
        const { path, data, ephemeral } = codecs.CreateTxn.read(reader);
        this.#create(path!, data, ephemeral ? header.sessionId : 0n, header);
        break;
      }
      case OpCode.createContainer: {
        const { path, data } = codecs.CreateContainerTxn.read(reader);
        this.#create(path!, data, containerOwner, header);
        break;
      }
      case OpCode.delete:
      case OpCode.deleteContainer:
        this.#delete(codecs.DeleteTxn.read(reader).path!, header.zxid);
        break;
      case OpCode.setData: {
        const { path, data, version } = codecs.SetDataTxn.read(reader);
        this.#setData(path!, data, version, header);
        break;
      }
      case OpCode.check:
      case OpCode.error:
        break;
      case OpCode.multi:
        this.#multi(reader, header);
        break;
      case OpCode.createSession:
        this.#openSession(header);
        break;
      case OpCode.closeSession:
        this.#closeSession(reader, header);
        break;
      default:
        this.#world.violate('Model', `unexpected transaction of type ${type}`);
    }
  }

  #multi(reader: Reader, header: Header): void {
    const txns = codecs.MultiTxn.read(reader).txns ?? [];
    // if one part failed, no part is applied
    if (txns.some(({ type }) => type === OpCode.error)) return;
    for (const { type, data } of txns) this.#apply(type, new Reader(data!), header);
  }

  #openSession({ sessionId, zxid }: Header): void {
    this.#world.demand(!this.sessionsEver.has(sessionId), 'SessionUniqueness', () => {
      return `0x${zxid.toString(16)} opens session ${sessionId.toString(16)} a second time`;
    });
    this.sessions.add(sessionId);
    this.sessionsEver.add(sessionId);
  }

  #closeSession(reader: Reader, { sessionId, zxid }: Header): void {
    const listed = reader.remaining > 12 ? (codecs.CloseSessionTxn.read(reader).paths2Delete ?? []) : [];
    const owned = new Set(this.#ephemerals.get(sessionId) ?? []);
    for (const path of listed) if (path !== null) owned.delete(path);
    this.#world.demand(owned.size === 0, 'NoOrphanEphemeral', () => {
      return `0x${zxid.toString(16)} ends session ${sessionId.toString(16)} without its ${[...owned].join(', ')}`;
    });
    for (const path of listed) if (path !== null && this.at(path, zxid) !== undefined) this.#delete(path, zxid);
    this.sessions.delete(sessionId);
    if (!this.closedAt.has(sessionId)) this.closedAt.set(sessionId, zxid);
  }

  #create(path: string, data: Buffer | null, owner: bigint, { zxid, timeMs, sessionId }: Header): void {
    const where = () => `0x${zxid.toString(16)} creates ${path}`;
    this.#world.demand(this.at(path, zxid) === undefined, 'Model', () => `${where()}, which exists`);
    const above = parentPath(path);
    const parent = this.at(above, zxid);
    if (parent === undefined) this.#world.violate('Model', `${where()} in nothing`);
    if (owner === sessionId && owner !== 0n) {
      this.#world.demand(this.sessions.has(owner), 'NoOrphanEphemeral', () => `${where()} for a session that is over`);
      this.#owned(owner).add(path);
    }
    this.#set(path, zxid, {
      data: data?.toString() ?? '',
      czxid: zxid,
      mzxid: zxid,
      pzxid: zxid,
      ctimeMs: timeMs,
      mtimeMs: timeMs,
      version: 0,
      cversion: 0,
      owner,
      children: noChildren,
    });
    const children = new Set(parent.children).add(path.slice(path.lastIndexOf('/') + 1));
    this.#set(above, zxid, { ...parent, children, pzxid: zxid, cversion: parent.cversion + 1 });
    this.#changed(path, zxid, 'created');
    this.#changed(above, zxid, 'children');
  }

  #delete(path: string, zxid: number): void {
    const node = this.at(path, zxid);
    const where = () => `0x${zxid.toString(16)} deletes ${path}`;
    if (node === undefined) this.#world.violate('Model', `${where()}, which does not exist`);
    this.#world.demand(node.children.size === 0, 'Model', () => `${where()}, which has children`);
    this.#ephemerals.get(node.owner)?.delete(path);
    this.#set(path, zxid, undefined);
    const above = parentPath(path);
    const parent = this.at(above, zxid)!;
    const children = new Set(parent.children);
    children.delete(path.slice(path.lastIndexOf('/') + 1));
    this.#set(above, zxid, { ...parent, children, pzxid: zxid, cversion: parent.cversion + 1 });
    this.#changed(path, zxid, 'deleted');
    this.#changed(above, zxid, 'children');
  }

  #setData(path: string, data: Buffer | null, version: number, { zxid, timeMs }: Header): void {
    const node = this.at(path, zxid);
    const where = () => `0x${zxid.toString(16)} sets ${path} to version ${version}`;
    if (node === undefined) this.#world.violate('Model', `${where()}, which does not exist`);
    this.#world.demand(version === node.version + 1, 'Model', () => `${where()} after ${node.version}`);
    this.#set(path, zxid, { ...node, data: data?.toString() ?? '', version, mzxid: zxid, mtimeMs: timeMs });
    this.#changed(path, zxid, 'changed');
  }

  #owned(sessionId: bigint): Set<string> {
    let owned = this.#ephemerals.get(sessionId);
    if (owned === undefined) this.#ephemerals.set(sessionId, (owned = new Set()));
    return owned;
  }

  #set(path: string, zxid: number, node: ModelNode | undefined): void {
    const versions = this.#versions.get(path);
    if (versions === undefined) this.#versions.set(path, [{ zxid, node }]);
    else versions.push({ zxid, node });
  }

  #changed(path: string, zxid: number, kind: ChangeKind): void {
    this.triggers.add(zxid, eventFor[kind], path);
    const changes = this.#changes.get(path);
    if (changes === undefined) this.#changes.set(path, [{ zxid, kind }]);
    else changes.push({ zxid, kind });
  }
}
