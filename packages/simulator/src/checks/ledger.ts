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
 * What the ensemble has promised: the committed transactions in their order. They are known from the moment a leader
 * commits them, or begins its term with them in its history; from then on every server has to agree, for ever.
 */
export class Ledger implements History {
  readonly model: Model;
  readonly solo = new SoloTree();
  /** Zxids of the committed transactions. */
  readonly committed: number[] = [];
  readonly headers = new Map<number, Header>();
  /** The largest zxid that was acknowledged to any client. */
  ackedZxid = 0;
  readonly leaders = new Map<number, string>();
  readonly #proposed = new Map<number, Proposed>();
  /** What each server has logged or received, committed or not. */
  readonly #histories = new Map<string, number[]>();
  /** What a server had before a leader's snapshot with that label, until the snapshot is on disk. */
  readonly #replaced = new Map<string, { readonly history: number[]; readonly label: number }>();
  /** What became of requests: zxids by session and number. */
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

  /** A leader makes a transaction. */
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

  /** A learner takes a transaction into its log. */
  appended(server: string, zxid: number, bytes: Buffer): void {
    const history = this.historyOf(server);
    const proposed = this.#proposed.get(zxid);
    this.#world.demand(proposed?.bytes.equals(bytes) ?? false, 'Integrity', () => {
      return `${server} is sent ${zxidHex(zxid)}, which no leader proposed in these bytes`;
    });
    const last = history.at(-1);
    this.#world.demand(last === undefined || zxid > last, 'Integrity', () => {
      return `${server} logs ${zxidHex(zxid)} behind ${zxidHex(last!)}`;
    });
    history.push(zxid);
  }

  // ---- histories change as a whole

  /** From disk: the tree is at `lastZxid`, so what was known beyond is gone. */
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
      return `${server} reads a history from its disk that goes to ${zxidHex(lastZxid)}, where it knew ${zxidHex(last)}`;
    });
  }

  /** A snapshot of a leader is in memory, and on disk when it is `persisted`. */
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

  /** A quorum follows: what this server has is committed, and has to hold all that was committed before. */
  established(server: string, epoch: number): void {
    const before = this.leaders.get(epoch);
    this.#world.demand(before === undefined, 'OneLeaderPerEpoch', () => {
      return `${server} leads epoch ${epoch}, as ${before} did`;
    });
    this.leaders.set(epoch, server);
    const history = this.historyOf(server);
    for (const [index, zxid] of this.committed.entries()) {
      // a leader that stood still learns of its quorum when that follows another one already; nothing comes of it
      if (zxidEpoch(zxid) > epoch) break;
      if (history[index] === zxid) continue;
      const has = history[index] === undefined ? 'nothing' : zxidHex(history[index]);
      this.#world.violate(
        'CommittedLogDurability',
        `${server} leads epoch ${epoch} without ${zxidHex(zxid)}, which is committed; it has ${has} there`,
      );
    }
    for (const zxid of history.slice(this.committed.length)) this.#commit(zxid);
  }

  /** A leader says that a quorum has it. */
  commits(server: string, zxid: number): void {
    if (zxid <= this.lastZxid) {
      this.#world.demand(this.headers.has(zxid), 'Agreement', () => {
        return `${server} commits ${zxidHex(zxid)}, where ${zxidHex(this.lastZxid)} is committed already`;
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
    // An end that its client has asked for may come late, by way of a server that it has left: behind the expiry it is none.
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

  /** The transaction that a request of a session became, carried out or refused; not if its session had moved. */
  zxidOfRequest(sessionId: bigint, cxid: number): number | undefined {
    return this.#requests.get(sessionId)?.get(cxid);
  }

  /** Committed in the order in which the client asked, and nothing twice. */
  #inSessionOrder({ sessionId, cxid, zxid }: Header, isError: boolean): void {
    if (cxid <= 0 || isError) return;
    const last = this.#lastCxid.get(sessionId) ?? 0;
    this.#world.demand(cxid > last, 'FifoClientOrder', () => {
      return `${zxidHex(zxid)} is request ${cxid} of session ${sessionId.toString(16)}, after request ${last}`;
    });
    this.#lastCxid.set(sessionId, cxid);
  }

  // ---- what servers show

  /** A server that serves has applied this, and its tree is as `digest` says. */
  applied(server: string, zxid: number, digest: bigint): void {
    this.#world.demand(this.headers.has(zxid) || zxidCounter(zxid) === 0, 'Agreement', () => {
      return `${server} applies ${zxidHex(zxid)}, which no leader has committed`;
    });
    this.demandDigest(server, zxid, digest);
  }

  demandDigest(server: string, zxid: number, digest: bigint): void {
    const expected = this.solo.digestAt(this.#lastAtOrBefore(zxid));
    this.#world.demand(digest === expected, 'TreeDigestEquality', () => {
      return `${server} has digest ${digest} at ${zxidHex(zxid)}, which is ${expected} where only what was committed is applied`;
    });
  }

  /** A learner that begins to serve has applied a prefix of what is committed; what it has logged behind may come to nothing. */
  serves(server: string, zxid: number, digest: bigint): void {
    const history = this.historyOf(server);
    for (const [index, each] of history.entries()) {
      const committed = this.committed[index];
      if (committed === undefined || each > zxid) break;
      this.#world.demand(committed === each, 'PrefixConsistency', () => {
        return `${server} serves with ${zxidHex(each)} where ${zxidHex(committed)} is committed`;
      });
    }
    this.#world.demand(zxid <= this.lastZxid || zxidCounter(zxid) === 0, 'Agreement', () => {
      return `${server} serves at ${zxidHex(zxid)}, and only ${zxidHex(this.lastZxid)} is committed`;
    });
    this.demandDigest(server, zxid, digest);
  }

  #lastAtOrBefore(zxid: number): number {
    if (this.headers.has(zxid)) return zxid;
    return this.committed.findLast((each) => each <= zxid) ?? 0;
  }

  /** The name that a sequential create was given, which nobody else may get as long as the node above it lives. */
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
