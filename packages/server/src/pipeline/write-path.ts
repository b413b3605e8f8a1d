import {
  ErrorCode,
  type Id,
  OpCode,
  ProtocolError,
  putInt,
  Reader,
  RingQueue,
  Writer,
  zxidHex,
} from '@nodekeeper/protocol';
import type { Logger } from '../log/logger.js';
import { Preparation, type PrepareState } from '../ops/preparation.js';
import { type WriteOp, writeOps } from '../ops/write-ops.js';
import type { LogBatch } from '../storage/log-batch.js';
import type { TxnLog } from '../storage/txn-log.js';
import type { TxnApplier } from '../tree/apply-txn.js';
import type { ChangeRecord } from '../tree/outstanding-changes.js';
import { digestVersion } from '../tree/tree-digest.js';
import type { CoreMeter } from './core-meter.js';
import type { Proposal } from './proposal.js';
import { untimed } from './request-timer.js';
import { type Requester, SilentRequester } from './requester.js';

export interface WritePathOptions {
  readonly digestEnabled: boolean;
}

/**
 * Where being durable here is not enough: the leader's side of a proposal. Commits come back by `commitThrough`.
 */
export interface CommitGate {
  /** Before anything else happens to the proposal. The bytes are the gate's, and do not change. */
  proposed(zxid: number, bytes: Buffer): void;
  /** All proposals up to this one are durable here. */
  logged(zxid: number): void;
}

const noIds: readonly Id[] = [];
const noTouched: readonly ChangeRecord[] = [];
const typeOffset = 28;
const txnHeaderBytes = 32;

/**
 * The way of a write (ARCHITECTURE.md): prepared against what is outstanding, encoded once into the log's batch, and,
 * when the log says it is durable, applied in zxid order and answered. Standalone is an ensemble of one, so durable here
 * is committed.
 */
export class WritePath {
  /** Called after each applied txn; snapshots are counted by it. */
  onApplied: (proposal: Proposal) => void = () => {};
  onDigestMismatch: (zxid: number) => void = () => {};

  readonly #state: PrepareState;
  readonly #log: TxnLog;
  readonly #applier: TxnApplier;
  readonly #preparation: Preparation;
  readonly #options: WritePathOptions;
  readonly #logger: Logger;
  readonly #meter: CoreMeter;
  readonly #queue = new RingQueue<Proposal>();
  readonly #body = new Writer(1024);
  readonly #reader = new Reader(Buffer.alloc(0));
  #lastZxid = 0;
  #gate: CommitGate | undefined;

  constructor(
    state: PrepareState,
    log: TxnLog,
    applier: TxnApplier,
    options: WritePathOptions,
    logger: Logger,
    meter: CoreMeter,
  ) {
    this.#state = state;
    this.#log = log;
    this.#applier = applier;
    this.#options = options;
    this.#logger = logger;
    this.#meter = meter;
    this.#preparation = new Preparation(state);
    log.onDurable = (batch) => this.#durable(batch);
  }

  /** Proposals not yet applied. */
  get pendingCount(): number {
    return this.#queue.length;
  }

  /** The last zxid given out. */
  get lastProposedZxid(): number {
    return this.#lastZxid;
  }

  /** Starts (again) from the tree as it is. With a gate, commits are its business. */
  start(gate?: CommitGate): void {
    this.#lastZxid = this.#state.tree.lastZxid;
    this.#gate = gate;
    this.#state.changes.reset();
  }

  /**
   * Proposes a client's request. Undefined when its bytes are no such request: no zxid is taken then, and the answer is
   * MARSHALLINGERROR.
   */
  request(
    requester: Requester,
    sessionId: bigint,
    xid: number,
    type: number,
    bytes: Buffer,
    start: number,
    end: number,
    receivedMs: number,
    timeMs: number,
  ): Proposal | undefined {
    const op = writeOps.get(type) ?? (this.#gate && refusal);
    if (op === undefined) throw new Error(`no write has the op code ${type}`);
    const request = this.#decode(op, bytes, start, end);
    // whoever waits at another server waits for a commit
    if (request === malformed && !op.zxidBeforeDecode && this.#gate === undefined) return undefined;
    return this.#propose(op, request as never, requester, sessionId, xid, type, receivedMs, timeMs);
  }

  /** Proposes something of the server's own: opening and closing sessions, reaping containers. */
  propose<Request>(
    type: number,
    request: Request,
    sessionId: bigint,
    nowMs: number,
    timeMs: number,
    requester?: Requester,
  ): Proposal {
    return this.#propose(writeOps.get(type)!, request as never, requester, sessionId, 0, type, nowMs, timeMs);
  }

  #decode(op: WriteOp<never>, bytes: Buffer, start: number, end: number): unknown {
    try {
      return op.decode(this.#reader.reset(bytes, start, end));
    } catch (error) {
      if (error instanceof ProtocolError) return malformed;
      throw error;
    }
  }

  #propose(
    op: WriteOp<never>,
    request: never,
    requester: Requester | undefined,
    sessionId: bigint,
    xid: number,
    type: number,
    receivedMs: number,
    timeMs: number,
  ): Proposal {
    const beganMs = this.#meter.preparing(type);
    const zxid = ++this.#lastZxid;
    const preparation = this.#preparation;
    preparation.zxid = zxid;
    preparation.timeMs = timeMs;
    preparation.sessionId = sessionId;
    preparation.ids = requester?.ids ?? noIds;
    preparation.session = requester?.session;
    preparation.owner = requester?.owner;
    preparation.contentCrc = undefined;

    const out = this.#log.beginEntry();
    const start = out.position;
    writeTxnHeader(out, sessionId, xid, zxid, timeMs, type);
    const err: number = request === malformed ? ErrorCode.MARSHALLINGERROR : op.prepare(preparation, request, out);
    const { digest } = this.#state.changes;
    if (err !== ErrorCode.OK) refuse(out, start, err);
    else if (this.#options.digestEnabled) writeDigest(out, digest.high, digest.low);
    const end = out.position;
    this.#log.endEntry(zxid);

    const touched = preparation.touched;
    if (touched.length > 0) preparation.touched = [];
    const preparedMs = this.#meter.prepared(type, beganMs, touched.length);
    const proposal: Proposal = {
      zxid,
      type,
      sessionId,
      timeMs,
      requester,
      xid,
      receivedMs,
      start,
      end,
      contentCrc: err === ErrorCode.OK ? preparation.contentCrc : undefined,
      touched: touched.length > 0 ? touched : noTouched,
      digestHigh: digest.high,
      digestLow: digest.low,
      kept: this.#gate && Buffer.from(out.bytes.subarray(start, end)),
    };
    this.#queue.push(proposal);
    if (this.#gate !== undefined) this.#gate.proposed(zxid, proposal.kept!);
    this.#meter.proposed(preparedMs);
    return proposal;
  }

  #durable(batch: LogBatch): void {
    if (this.#gate !== undefined) {
      this.#gate.logged(batch.lastZxid);
      return;
    }
    const { bytes } = batch.writer;
    for (let left = batch.count; left > 0; left--) {
      const proposal = this.#queue.shift();
      this.#commit(proposal, bytes, proposal.start, proposal.end);
    }
  }

  /** A quorum has everything up to this zxid. */
  commitThrough(zxid: number): void {
    while (this.#queue.length > 0 && this.#queue.peek()!.zxid <= zxid) {
      const proposal = this.#queue.shift();
      this.#commit(proposal, proposal.kept!, 0, proposal.kept!.length);
    }
  }

  #commit(proposal: Proposal, bytes: Buffer, start: number, end: number): void {
    const { requester } = proposal;
    requester?.committing();
    const beganMs = this.#meter.applying();
    const body = this.#body;
    body.reset();
    const err = this.#applier.apply(bytes, start, end, body, proposal.contentCrc);
    this.#state.changes.applied(proposal.zxid, proposal.touched);
    this.#meter.changesApplied(proposal.touched.length);
    const { digest } = this.#state.tree;
    if (this.#options.digestEnabled && !digest.equals(proposal.digestHigh, proposal.digestLow)) {
      this.#logger.error(
        `The tree is not what transaction ${zxidHex(proposal.zxid)} foresaw: its digest is ${digest}. ` +
          'Compare this server with another one or a backup',
      );
      this.onDigestMismatch(proposal.zxid);
      if (this.#queue.length === 0) this.#state.changes.digest.assign(digest);
    }
    this.onApplied(proposal);
    requester?.committed(proposal, err, body);
    if (beganMs !== untimed)
      this.#meter.applied(beganMs, requester !== undefined && !(requester instanceof SilentRequester));
  }
}

/** What a learner has sent on and no write is: a Java follower waits for a commit all the same. */
const refusal: WriteOp<never> = { decode: () => undefined as never, prepare: () => ErrorCode.UNIMPLEMENTED };

/** Stands for a request that could not be decoded. */
const malformed = Symbol('malformed request');

function writeTxnHeader(
  out: Writer,
  sessionId: bigint,
  cxid: number,
  zxid: number,
  timeMs: number,
  type: number,
): void {
  out.longBig(sessionId);
  out.int(cxid);
  out.long(zxid);
  out.long(timeMs);
  out.int(type);
}

/** A refused write is logged all the same, as an error (inventory 1.13), and carries no digest. */
function refuse(out: Writer, start: number, err: number): void {
  out.position = start + txnHeaderBytes;
  putInt(out.bytes, start + typeOffset, OpCode.error);
  out.int(err);
}

function writeDigest(out: Writer, high: number, low: number): void {
  out.int(digestVersion);
  out.int(high);
  out.int(low);
}
