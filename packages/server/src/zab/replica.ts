import type { Id } from '@nodekeeper/protocol';
import type { EnsembleConfig } from '../membership/index.js';
import type { LogWalk, SnapshotDecoder, SnapshotEncoder } from '../storage/index.js';
import type { CommittedLog } from './committed-log.js';
import type { ForwardedRequest, SessionTouch } from './packets.js';

/** The metrics of ZAB. */
export interface ZabMeter {
  looking(): void;
  /** This voter has found a leader, or leads itself. */
  elected(): void;
  /**
   * The synchronisation of a learner starts, or ends (`isOver`) because the learner has acknowledged it or has
   * disconnected.
   */
  synchronising(kind: 'diff' | 'snap', isOver: boolean): void;
  /** A server has everything up to this zxid. */
  acked(serverId: number, zxid: number): void;
  /** The leader resigns because a voter looks for another one. */
  deserted(): void;
}

/** The leader's counts of its learners. */
export interface LeaderReport {
  /** All connected learners. */
  readonly learners: number;
  /** The followers that get proposals and commits. */
  readonly syncedFollowers: number;
  readonly syncedNonVotingFollowers: number;
  readonly syncedObservers: number;
  /** Syncs of clients that wait for a reply. */
  readonly pendingSyncs: number;
}

/**
 * Where proposals go if it is not enough that they are durable on this server. Commits come back by
 * `Replica.commitThrough`.
 */
export interface CommitGate {
  /** A new proposal, before anything else handles it. The bytes (TxnHeader, body, digest) no longer change. */
  proposed(zxid: number, bytes: Buffer): void;
  /** All proposals up to this one are durable here. */
  logged(zxid: number): void;
}

/** The interface of ZAB for the leader's role. */
export interface LeaderGate extends CommitGate {
  report(): LeaderReport;
  /** A client of this server asks for a sync. Calls `done` when the server may reply. */
  sync(done: () => void): void;
}

/** The interface of a learner's leader for the learner's pipeline. */
export interface LeaderLink {
  readonly leaderId: number;
  forward(request: ForwardedRequest, ids: readonly Id[]): void;
  revalidate(touch: SessionTouch): void;
  /** Everything that was appended up to this zxid is durable. */
  logged(zxid: number): void;
  /**
   * This server's tree differs from the leader's. The server disconnects, and gets a snapshot when it connects again
   * (R-16 ZK-5010).
   */
  diverged(zxid: number): void;
}

/**
 * The database and the pipeline of one server, as ZAB sees them. Between two terms, all logged transactions are
 * applied, so that log and tree agree (R-1 ZK-2845).
 */
export interface Replica {
  /** Handles one input. The resulting replies and log entries leave together afterwards. Calls do not nest. */
  event(work: () => void): void;
  /** A new configuration of the ensemble is active, and clients can read it. */
  configured(config: EnsembleConfig): void;
  /** The last applied transaction. */
  readonly lastZxid: number;
  readonly history: CommittedLog;
  readonly meter: ZabMeter;

  // ---- as leader

  /** Starts to serve clients, and to propose with zxids of this epoch. */
  lead(epoch: number, gate: LeaderGate): void;
  /** Executes a request from a client of the server `owner`, which is compared by identity. */
  request(owner: object, request: ForwardedRequest, ids: readonly Id[]): void;
  /** Applies proposals, in order, up to this one. */
  commitThrough(zxid: number): void;
  touch(touch: SessionTouch): void;
  /**
   * Answers false if the session does not exist. Otherwise the session moves to `owner`. For a session that is closing,
   * the answer waits for the commit of the close.
   */
  revalidate(touch: SessionTouch, owner: object, answer: (isValid: boolean) => void): void;
  /** The whole tree for a learner, labelled with `zxid`. */
  snapshot(): { readonly zxid: number; readonly encoder: SnapshotEncoder };
  /**
   * The logs from a zxid on, and the number of bytes up to which they are better than a snapshot; undefined if a
   * snapshot is always better.
   */
  loggedFrom(zxid: number): { readonly walk: LogWalk; readonly bytesMax: number } | undefined;

  // ---- as learner

  /** The zxid to report to the leader: `lastZxid`, or 0 if only a whole snapshot helps. */
  readonly zxidToTell: number;
  /** Joins a term of this leader. */
  learn(link: LeaderLink): void;
  /**
   * Removes all transactions after this zxid, on disk and in memory. Returns false if no files hold a history that ends
   * there. The server then needs a snapshot from the leader, and keeps its history until it has received the snapshot.
   */
  truncate(zxid: number): boolean;
  /**
   * Returns the decoder of the snapshot that replaces everything. The caller calls `finishSnapshot` when it is
   * complete.
   */
  receiveSnapshot(): SnapshotDecoder;
  finishSnapshot(zxid: number): void;
  /**
   * Logs a proposal, or holds it until `makeDurable` has written the snapshot before it. Keeps the bytes. Throws
   * `ProtocolError` and logs nothing if the bytes are not a transaction with this zxid.
   */
  append(zxid: number, bytes: Buffer): void;
  /** Applies the oldest proposal that is not applied yet. Throws `ProtocolError` if it has another zxid. */
  commit(zxid: number): void;
  /** Calls `done` when everything appended or received so far survives a crash. */
  makeDurable(done: () => void): void;
  serve(mode: 'follower' | 'observer'): void;
  /** The leader's answers to requests through the link. */
  revalidated(sessionId: bigint, isValid: boolean): void;
  synced(): void;
  /** Sessions that were used since the last call. */
  takeTouches(): SessionTouch[];

  // ---- the end of a term

  /** Disconnects the clients. Calls `done` when all logged transactions are applied and the next term may begin. */
  endTerm(done: () => void): void;
}
