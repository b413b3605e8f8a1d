import { makeZxid, OpCode, parentPath, zxidCounter, zxidEpoch, zxidHex } from '@nodekeeper/protocol';
import { follows } from '@nodekeeper/server/testing';
import type { World } from '../world/world.js';
import type { History } from './client/history.js';
import type { TriggerLog } from './client/trigger-log.js';
import { type Header, isMoved, isRefusal, Model } from './model.js';
import { SoloTree } from './solo-tree.js';

interface Proposed {
  readonly bytes: Buffer;
  readonly by: string;
}

/**
 * The committed transactions in their order. A transaction counts as committed when a leader commits it. The history
 * with which a leader begins its term counts as committed, too. No server may lose or contradict a committed
 * transaction.
 */
export class Ledger implements History {
  readonly model: Model;
  readonly solo = new SoloTree();
  /** Zxids of the committed transactions. */
  readonly committed: number[] = [];
  readonly headers = new Map<number, Header>();
  /** The largest zxid of a write for which any client got a reply. */
  ackedZxid = 0;
  readonly leaders = new Map<number, string>();
  readonly #proposed = new Map<number, Proposed>();
  /** The zxids that each server has in its log or received from a leader, committed or not. */
  readonly #histories = new Map<string, number[]>();
  /**
   * Servers that have received a leader's snapshot that is not on disk yet. `history` is the server's history before
   * the snapshot, and `label` the snapshot's zxid.
   */
  readonly #replaced = new Map<string, { readonly history: number[]; readonly label: number }>();
  /** The zxid of the transaction for each request, by session and request number. */
  readonly #requests = new Map<bigint, Map<number, number>>();
  readonly #lastCxid = new Map<bigint, number>();
  readonly #sequential = new Map<string, number>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
    this.model = new Model(world);
  }

  get lastZxid(): number {
    return this.committed.at(-1) ?? 0;
  }

  get triggers(): TriggerLog {
    return this.model.triggers;
  }

  historyOf(server: string): number[] {
    let history = this.#histories.get(server);
    if (history === undefined) this.#histories.set(server, (history = []));
    return history;
  }

  // ---- proposals

  /** Called when a leader makes a proposal. */
  proposed(server: string, epoch: number, zxid: number, bytes: Buffer): void {
    const history = this.historyOf(server);
    const previous = Math.max(history.at(-1) ?? 0, makeZxid(epoch, 0));
    this.#world.demand(zxid === previous + 1 && zxidEpoch(zxid) === epoch, 'LocalPrimaryOrder', () => {
      return `${server} leads epoch ${epoch} and proposes ${zxidHex(zxid)} after ${zxidHex(previous)}`;
    });
    const known = this.#proposed.get(zxid);
    this.#world.demand(known === undefined, 'PrimaryIntegrity', () => {
      return `${server} proposes ${zxidHex(zxid)}, as ${known!.by} did`;
    });
    this.#proposed.set(zxid, { bytes: Buffer.from(bytes), by: server });
    history.push(zxid);
  }

  /** Called when a learner appends a transaction to its log. */
  appended(server: string, zxid: number, bytes: Buffer): void {
    const history = this.historyOf(server);
    const proposed = this.#proposed.get(zxid);
    this.#world.demand(proposed?.bytes.equals(bytes) ?? false, 'Integrity', () => {
      return `${server} receives ${zxidHex(zxid)}, but no leader proposed these bytes`;
    });
    const last = history.at(-1);
    this.#world.demand(last === undefined || zxid > last, 'Integrity', () => {
      return `${server} logs ${zxidHex(zxid)} after ${zxidHex(last!)}`;
    });
    history.push(zxid);
  }

  // ---- histories change in one step

  /**
   * Called when a server has loaded its files. The last zxid of its tree is then `lastZxid`. The server has lost all
   * later transactions.
   */
  loaded(server: string, lastZxid: number): void {
    const upTo = (history: readonly number[]) => history.filter((zxid) => zxid <= lastZxid);
    let history = upTo(this.historyOf(server));
    const replaced = this.#replaced.get(server);
    this.#replaced.delete(server);
    const isReplaced = (history.at(-1) ?? 0) === lastZxid || replaced?.label === lastZxid;
    if (replaced !== undefined && !isReplaced) history = upTo(replaced.history);
    this.#histories.set(server, history);
    const last = history.at(-1) ?? 0;
    this.#world.demand(last === lastZxid || zxidCounter(lastZxid) === 0, 'Integrity', () => {
      return `${server} reads a history from its disk that ends at ${zxidHex(lastZxid)}, but it knew ${zxidHex(last)}`;
    });
  }

  /** Called when a leader's snapshot is in the server's memory. `persisted` is called when the snapshot is on disk. */
  received(server: string, leader: string, zxid: number): void {
    const { history } = this.#replaced.get(server) ?? { history: this.historyOf(server) };
    this.#replaced.set(server, { history, label: zxid });
    this.#histories.set(
      server,
      this.historyOf(leader).filter((each) => each <= zxid),
    );
  }

  persisted(server: string): void {
    this.#replaced.delete(server);
  }

  // ---- commits

  /**
   * Called when a quorum follows the leader. The leader's history is then committed. The history must contain all
   * transactions that were committed before.
   */
  established(server: string, epoch: number): void {
    const before = this.leaders.get(epoch);
    this.#world.demand(before === undefined, 'OneLeaderPerEpoch', () => {
      return `${server} leads epoch ${epoch}, as ${before} did`;
    });
    this.leaders.set(epoch, server);
    const history = this.historyOf(server);
    for (const [index, zxid] of this.committed.entries()) {
      // a leader that was paused may count its quorum late, when a later leader has already committed transactions;
      // those transactions are not in its history
      if (zxidEpoch(zxid) > epoch) break;
      if (history[index] === zxid) continue;
      const has = history[index] === undefined ? 'nothing' : zxidHex(history[index]);
      this.#world.violate(
        'CommittedLogDurability',
        `${server} leads epoch ${epoch} without the committed ${zxidHex(zxid)}; it has ${has} there`,
      );
    }
    for (const zxid of history.slice(this.committed.length)) this.#commit(zxid);
  }

  /** Called when a leader commits the proposal with this zxid. */
  commits(server: string, zxid: number): void {
    if (zxid <= this.lastZxid) {
      this.#world.demand(this.headers.has(zxid), 'Agreement', () => {
        return `${server} commits ${zxidHex(zxid)}, but ${zxidHex(this.lastZxid)} is committed already`;
      });
      return;
    }
    this.#world.demand(this.committed.length === 0 || follows(this.lastZxid, zxid), 'Agreement', () => {
      return `${server} commits ${zxidHex(zxid)} after ${zxidHex(this.lastZxid)}`;
    });
    this.#commit(zxid);
  }

  #commit(zxid: number): void {
    const { bytes } = this.#proposed.get(zxid)!;
    const header = this.model.apply(bytes);
    this.committed.push(zxid);
    this.headers.set(zxid, header);
    if (!isMoved(bytes, header)) this.#noteRequest(header);
    this.solo.apply(zxid, bytes);
    // the session may expire before the client's closeSession arrives; the second close changes nothing, so its order
    // does not matter
    const isOverAlready =
      header.type === OpCode.closeSession && this.model.closedAt.get(header.sessionId) !== header.zxid;
    this.#inSessionOrder(header, isOverAlready || isRefusal(bytes, header));
  }

  #noteRequest({ sessionId, cxid, zxid }: Header): void {
    if (cxid <= 0) return;
    const known = this.#requests.get(sessionId);
    if (known === undefined) this.#requests.set(sessionId, new Map([[cxid, zxid]]));
    else known.set(cxid, zxid);
  }

  /**
   * The zxid of the transaction for this request. A refused request has a transaction, too. Undefined if the request
   * was refused because the session had moved.
   */
  zxidOfRequest(sessionId: bigint, cxid: number): number | undefined {
    return this.#requests.get(sessionId)?.get(cxid);
  }

  /**
   * The requests of a session must be committed in the order in which the client made them. None may be committed
   * twice.
   */
  #inSessionOrder({ sessionId, cxid, zxid }: Header, isError: boolean): void {
    if (cxid <= 0 || isError) return;
    const last = this.#lastCxid.get(sessionId) ?? 0;
    this.#world.demand(cxid > last, 'FifoClientOrder', () => {
      return `${zxidHex(zxid)} is request ${cxid} of session ${sessionId.toString(16)}, after request ${last}`;
    });
    this.#lastCxid.set(sessionId, cxid);
  }

  // ---- what clients can see of a server

  /**
   * Called when a server that serves has applied the transaction `zxid`. `digest` is the digest of the server's tree
   * after that transaction.
   */
  applied(server: string, zxid: number, digest: bigint): void {
    this.#world.demand(this.headers.has(zxid) || zxidCounter(zxid) === 0, 'Agreement', () => {
      return `${server} applies ${zxidHex(zxid)}, but no leader has committed it`;
    });
    this.demandDigest(server, zxid, digest);
  }

  demandDigest(server: string, zxid: number, digest: bigint): void {
    const expected = this.solo.digestAt(this.#lastAtOrBefore(zxid));
    this.#world.demand(digest === expected, 'TreeDigestEquality', () => {
      return `${server} has digest ${digest} at ${zxidHex(zxid)}, but the committed transactions give ${expected}`;
    });
  }

  /**
   * Called when a learner begins to serve. Its applied transactions must be the first committed ones, without gaps. The
   * later entries of its log are not checked, because they may not be committed yet.
   */
  serves(server: string, zxid: number, digest: bigint): void {
    const history = this.historyOf(server);
    for (const [index, each] of history.entries()) {
      const committed = this.committed[index];
      if (committed === undefined || each > zxid) break;
      this.#world.demand(committed === each, 'PrefixConsistency', () => {
        return `${server} serves with ${zxidHex(each)}, but ${zxidHex(committed)} is committed`;
      });
    }
    this.#world.demand(zxid <= this.lastZxid || zxidCounter(zxid) === 0, 'Agreement', () => {
      return `${server} serves at ${zxidHex(zxid)}, but only ${zxidHex(this.lastZxid)} is committed`;
    });
    this.demandDigest(server, zxid, digest);
  }

  #lastAtOrBefore(zxid: number): number {
    if (this.headers.has(zxid)) return zxid;
    return this.committed.findLast((each) => each <= zxid) ?? 0;
  }

  /** Called when a sequential create got the name `path`. No other create may get this name while the parent exists. */
  sequenceGiven(path: string, zxid: number): void {
    const above = this.model.at(parentPath(path), zxid);
    const key = `${path} of ${above?.czxid}`;
    const before = this.#sequential.get(key);
    this.#world.demand(before === undefined || before === zxid, 'SequenceUniqueness', () => {
      return `${path} was given to ${zxidHex(before!)} and to ${zxidHex(zxid)}`;
    });
    this.#sequential.set(key, zxid);
  }
}
