import type { Id } from '@nodekeeper/protocol';
import type { EnsembleConfig } from '../membership/index.js';
import type { LogWalk, SnapshotDecoder, SnapshotEncoder } from '../storage/index.js';
import type { CommittedLog } from './committed-log.js';
import type { ForwardedRequest, SessionTouch } from './packets.js';

/** Receives the events that the metrics of ZAB count. */
export interface ZabMeter {
  looking(): void;
  /** This server is a voter, and it has found a leader or has become the leader. */
  elected(): void;
  /**
   * The synchronisation of a learner starts (`isOver` is false) or ends (`isOver` is true). It ends when the learner
   * acknowledges NEWLEADER or disconnects.
   */
  synchronising(kind: 'diff' | 'snap', isOver: boolean): void;
  /** A server has logged every transaction up to this zxid. */
  acked(serverId: number, zxid: number): void;
  /** The leader resigns because a voter looks for a different leader. */
  deserted(): void;
}

/** The leader's counts of its learners. */
export interface LeaderReport {
  /** The number of connected learners, whatever their stage. */
  readonly learners: number;
  /** The number of followers, voting or not, that receive proposals and commits. */
  readonly syncedFollowers: number;
  readonly syncedNonVotingFollowers: number;
  readonly syncedObservers: number;
  /** The number of `sync` requests that still wait for a reply. */
  readonly pendingSyncs: number;
}

/**
 * Receives the proposals of a leader, which may be applied only after a quorum has logged them. ZAB reports their
 * commits through `Replica.commitThrough`.
 */
export interface CommitGate {
  /** Receives a new proposal before any other part handles it. The bytes (TxnHeader, body, digest) no longer change. */
  proposed(zxid: number, bytes: Buffer): void;
  /** All proposals up to this zxid are durable on this server. */
  logged(zxid: number): void;
}

/** The methods of ZAB that the leader's role calls. */
export interface LeaderGate extends CommitGate {
  report(): LeaderReport;
  /** Handles a `sync` request of a client of this server. Calls `done` when the server may reply. */
  sync(done: () => void): void;
}

/** The methods with which a learner's role sends messages to the leader. */
export interface LeaderLink {
  readonly leaderId: number;
  forward(request: ForwardedRequest, ids: readonly Id[]): void;
  revalidate(touch: SessionTouch): void;
  /** All proposals up to this zxid that the learner has appended are durable. */
  logged(zxid: number): void;
  /**
   * This server's tree differs from the leader's at this zxid. The learner disconnects, and receives a snapshot when it
   * connects again (R-16 ZK-5010).
   */
  diverged(zxid: number): void;
}

/**
 * The database and the request pipeline of one server, as ZAB uses them. Between two terms, all logged transactions are
 * applied, so that the log and the tree agree (R-1 ZK-2845).
 */
export interface Replica {
  /**
   * Runs `work`, which handles one input from the network or from a timer. The replies and log entries that `work`
   * produces leave together when it returns. Calls do not nest.
   */
  event(work: () => void): void;
  /** A new configuration of the ensemble has become active. Clients can read it after this call. */
  configured(config: EnsembleConfig): void;
  /** The zxid of the last applied transaction. */
  readonly lastZxid: number;
  readonly history: CommittedLog;
  readonly meter: ZabMeter;

  // ---- as leader

  /** Starts to serve clients as the leader. New proposals get zxids of this epoch. */
  lead(epoch: number, gate: LeaderGate): void;
  /**
   * Executes a request that a learner has forwarded for its client. `owner` stands for that learner, and is compared by
   * identity.
   */
  request(owner: object, request: ForwardedRequest, ids: readonly Id[]): void;
  /** Applies all proposals up to this zxid, in order. */
  commitThrough(zxid: number): void;
  touch(touch: SessionTouch): void;
  /**
   * Calls `answer` with false if the session does not exist. If the session is closing, `answer` is called with false
   * only after the close is committed. Otherwise moves the session to `owner` and calls `answer` with true.
   */
  revalidate(touch: SessionTouch, owner: object, answer: (isValid: boolean) => void): void;
  /** The whole tree, to send to a learner. The snapshot is labelled with `zxid`. */
  snapshot(): { readonly zxid: number; readonly encoder: SnapshotEncoder };
  /**
   * The logs from this zxid on. If they hold more than `bytesMax` bytes after the learner's position, a snapshot is
   * better. Returns undefined if the logs cannot be used.
   */
  loggedFrom(zxid: number): { readonly walk: LogWalk; readonly bytesMax: number } | undefined;

  // ---- as learner

  /**
   * The zxid that this learner reports to the leader. It is `lastZxid`, or 0 if only a whole snapshot can synchronise
   * this server.
   */
  readonly zxidToTell: number;
  /** Begins a term as a learner. The learner sends its messages to the leader through `link`. */
  learn(link: LeaderLink): void;
  /**
   * Removes all transactions after this zxid, on disk and in memory. Returns false if the files do not hold a history
   * that ends at this zxid. In this case, the server needs a snapshot from the leader. It keeps its history until it
   * has received the snapshot.
   */
  truncate(zxid: number): boolean;
  /**
   * Returns the decoder for a snapshot that replaces the whole database. The caller calls `finishSnapshot` when the
   * snapshot is complete.
   */
  receiveSnapshot(): SnapshotDecoder;
  finishSnapshot(zxid: number): void;
  /**
   * Logs a proposal. If the server has received a snapshot, the proposal is held until `makeDurable` has written that
   * snapshot. The caller must not change `bytes` afterwards. Throws `ProtocolError` and logs nothing if the bytes are
   * not a transaction with this zxid.
   */
  append(zxid: number, bytes: Buffer): void;
  /**
   * Applies the oldest proposal that is not applied yet. Throws `ProtocolError` if that proposal has a different zxid.
   */
  commit(zxid: number): void;
  /** Calls `done` when every proposal appended so far, and a received snapshot, would survive a crash. */
  makeDurable(done: () => void): void;
  serve(mode: 'follower' | 'observer'): void;
  /** The leader's answer to `LeaderLink.revalidate`. */
  revalidated(sessionId: bigint, isValid: boolean): void;
  /** The leader has answered the oldest `sync` that this server has forwarded. */
  synced(): void;
  /** The sessions that clients have used since the last call of this method. */
  takeTouches(): SessionTouch[];

  // ---- the end of a term

  /** Disconnects the clients. Calls `done` when all logged transactions are applied and the next term may begin. */
  endTerm(done: () => void): void;
}
