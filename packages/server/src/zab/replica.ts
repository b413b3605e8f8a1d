import type { Id } from '@nodekeeper/protocol';
import type { EnsembleConfig } from '../membership/index.js';
import type { LogWalk, SnapshotDecoder, SnapshotEncoder } from '../storage/index.js';
import type { CommittedLog } from './committed-log.js';
import type { ForwardedRequest, SessionTouch } from './packets.js';

/** What is counted of ZAB, for operators. */
export interface ZabMeter {
  looking(): void;
  /** A voter has found a leader, or is it. */
  elected(): void;
  /** A learner is brought up to date; `isOver` when it has said so, or is gone. */
  synchronising(kind: 'diff' | 'snap', isOver: boolean): void;
  /** A server has everything up to this zxid. */
  acked(serverId: number, zxid: number): void;
  /** A leader resigns, because a voter looks for another one. */
  deserted(): void;
}

/** What a leader tells of its learners. */
export interface LeaderReport {
  /** All that are connected. */
  readonly learners: number;
  /** Those that get what is proposed and committed. */
  readonly syncedFollowers: number;
  readonly syncedNonVotingFollowers: number;
  readonly syncedObservers: number;
  /** Syncs of clients that wait for an answer. */
  readonly pendingSyncs: number;
}

/** Where proposals go when being durable here is not enough. Commits come back by `Replica.commitThrough`. */
export interface CommitGate {
  /** Before anything else happens to it. The bytes (TxnHeader, body, digest) do not change any more. */
  proposed(zxid: number, bytes: Buffer): void;
  /** All proposals up to this one are durable here. */
  logged(zxid: number): void;
}

/** What the leader's role asks of ZAB. */
export interface LeaderGate extends CommitGate {
  report(): LeaderReport;
  /** A client of this server asks for a sync: `done` when it may be answered. */
  sync(done: () => void): void;
}

/** What a learner's pipeline asks of its leader. */
export interface LeaderLink {
  readonly leaderId: number;
  forward(request: ForwardedRequest, ids: readonly Id[]): void;
  revalidate(touch: SessionTouch): void;
  /** Everything that was appended up to this zxid is durable. */
  logged(zxid: number): void;
  /** This server's tree is not the leader's: it leaves, and comes back for a snapshot (R-16 ZK-5010). */
  diverged(zxid: number): void;
}

/**
 * The database and the pipeline of one server, as ZAB sees them. Between two terms everything that is logged is applied
 * too, so that log and tree agree (R-1 ZK-2845).
 */
export interface Replica {
  /** Does something that came in; what it makes for clients and log leaves afterwards, all at once. Calls do not nest. */
  event(work: () => void): void;
  /** Another configuration of the ensemble is in force: clients can read it. */
  configured(config: EnsembleConfig): void;
  /** The last applied transaction. */
  readonly lastZxid: number;
  readonly history: CommittedLog;
  readonly meter: ZabMeter;

  // ---- as leader

  /** Proposals are made from here on, with zxids of this epoch; clients are served. */
  lead(epoch: number, gate: LeaderGate): void;
  /** Carries out a request that a client made at the server `owner`, which is compared by identity. */
  request(owner: object, request: ForwardedRequest, ids: readonly Id[]): void;
  /** Applies proposals, in order, up to this one. */
  commitThrough(zxid: number): void;
  touch(touch: SessionTouch): void;
  /** Answers false when there is no such session; otherwise it is `owner`'s from now on. A session that is being closed is
   * answered when its close is committed. */
  revalidate(touch: SessionTouch, owner: object, answer: (isValid: boolean) => void): void;
  /** The whole tree, for a learner; `zxid` is what it is labelled with. */
  snapshot(): { readonly zxid: number; readonly encoder: SnapshotEncoder };
  /** The logs from a zxid on, and up to how many bytes of them are better than a snapshot; undefined: none are. */
  loggedFrom(zxid: number): { readonly walk: LogWalk; readonly bytesMax: number } | undefined;

  // ---- as learner

  /** What to tell the leader of our history: `lastZxid`, or 0 where only a whole snapshot helps. */
  readonly zxidToTell: number;
  /** Takes part in a term of this leader from here on. */
  learn(link: LeaderLink): void;
  /**
   * Takes back what is logged after this zxid, on disk and in memory. False: the files do not hold the history up to there
   * without holding more, so the leader has to be asked for everything; until that is there, nothing is given up.
   */
  truncate(zxid: number): boolean;
  /** The decoder takes the snapshot that replaces everything. `finishSnapshot` follows when it is complete. */
  receiveSnapshot(): SnapshotDecoder;
  finishSnapshot(zxid: number): void;
  /**
   * Logs a proposal, or holds it until `makeDurable` has written the snapshot before it. Keeps the bytes. Throws
   * `ProtocolError`, with nothing logged, when they are no transaction with this zxid.
   */
  append(zxid: number, bytes: Buffer): void;
  /** Applies the oldest proposal that is not applied yet. Throws `ProtocolError` when that is another one. */
  commit(zxid: number): void;
  /** `done` when everything appended or received so far survives a crash. */
  makeDurable(done: () => void): void;
  serve(mode: 'follower' | 'observer'): void;
  /** Answers of the leader to what the link was asked. */
  revalidated(sessionId: bigint, isValid: boolean): void;
  synced(): void;
  /** Sessions that were used since the last call. */
  takeTouches(): SessionTouch[];

  // ---- the end of a term

  /** Clients are cut off; `done` when all that was logged is applied, and the next term may begin. */
  endTerm(done: () => void): void;
}
