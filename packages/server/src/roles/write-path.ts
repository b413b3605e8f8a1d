import {
  ErrorCode,
  type Id,
  OpCode,
  ProtocolError,
  putTxnHeader,
  Reader,
  RingQueue,
  setTxnType,
  txnHeaderBytes,
  Writer,
  zxidHex,
} from '@nodekeeper/protocol';
import { untimed } from '../meters/request-timer.js';
import { Preparation, type PrepareState } from '../ops/preparation.js';
import { type WriteOp, writeOps } from '../ops/write-ops.js';
import type { LogBatch, TxnLog } from '../storage/index.js';
import type { ChangeRecord } from '../tree/change-record.js';
import { digestMismatch, putTxnDigest } from '../tree/digest-check.js';
import type { CommitGate } from '../zab/replica.js';
import type { Proposal } from './proposal.js';
import type { RequestSpan } from './request-span.js';
import type { Requester } from './role-client.js';
import type { RoleParts } from './role-parts.js';

/** Called with each applied proposal, before the client gets the reply. */
export type AppliedProposals = (proposal: Proposal) => void;

/** The monotonic time and the wall-clock time of the event that is being handled. */
interface EventTime {
  readonly nowMs: number;
  readonly wallMs: number;
}

const noIds: readonly Id[] = [];
const noTouched: readonly ChangeRecord[] = [];

/**
 * The steps of a write (ARCHITECTURE.md). The write is prepared against the tree and the changes of outstanding writes.
 * It is encoded once, directly into the batch of the log. When it is committed, it is applied in zxid order and
 * answered. A standalone server commits a write when it is durable on this server. A leader commits a write when a
 * quorum has logged it.
 */
export class WritePath {
  readonly #state: PrepareState;
  readonly #parts: RoleParts;
  readonly #log: TxnLog;
  readonly #gate: CommitGate | undefined;
  readonly #applied: AppliedProposals | undefined;
  readonly #preparation: Preparation;
  readonly #queue = new RingQueue<Proposal>();
  readonly #body = new Writer(1024);
  readonly #reader = new Reader(Buffer.alloc(0));
  #lastZxid: number;
  /** Callbacks for the time when the proposal with a zxid is applied, in the order of the zxids. */
  readonly #waiting = new RingQueue<{ readonly zxid: number; readonly done: () => void }>();

  /** Starts from the present tree. If there is a `gate`, proposals are applied only when `commitThrough` is called. */
  constructor(state: PrepareState, parts: RoleParts, gate?: CommitGate, applied?: AppliedProposals) {
    this.#state = state;
    this.#parts = parts;
    this.#log = parts.database.log;
    this.#gate = gate;
    this.#applied = applied;
    this.#preparation = new Preparation(state);
    this.#lastZxid = state.tree.lastZxid;
    state.changes.reset();
  }

  /** The number of proposals that are not applied yet. */
  get pendingCount(): number {
    return this.#queue.length;
  }

  /** The last zxid that a proposal has received. */
  get lastProposedZxid(): number {
    return this.#lastZxid;
  }

  /** Gives the next proposal the zxid after this one. Throws if proposals are pending. */
  skipTo(zxid: number): void {
    if (this.#queue.length > 0) throw new Error('zxids are skipped while proposals are pending');
    this.#state.tree.lastZxid = zxid;
    this.#lastZxid = zxid;
  }

  /**
   * Proposes a client's request. Returns undefined if the request cannot be decoded. In this case no zxid is used, and
   * the reply is MARSHALLINGERROR.
   */
  request(requester: Requester, sessionId: bigint, request: RequestSpan, timeMs: number): Proposal | undefined {
    const { type } = request;
    const op = writeOps.get(type) ?? (this.#gate && refusal);
    if (op === undefined) throw new Error(`op code ${type} is not a write`);
    const record = this.#decode(op, request);
    // a standalone server (without a gate) returns here; a leader proposes an error transaction, because the server
    // that forwarded the request may wait for its commit
    if (record === malformed && !op.zxidBeforeDecode && this.#gate === undefined) return undefined;
    return this.#propose(op, record as never, requester, sessionId, request.xid, type, request.receivedMs, timeMs);
  }

  /**
   * Proposes a write that this server makes itself, for example to open or close a session, or to delete a container.
   */
  propose<Request>(
    type: number,
    request: Request,
    sessionId: bigint,
    { nowMs, wallMs }: EventTime,
    requester?: Requester,
  ): Proposal {
    return this.#propose(writeOps.get(type)!, request as never, requester, sessionId, 0, type, nowMs, wallMs);
  }

  #decode(op: WriteOp<never>, { bytes, start, end }: RequestSpan): unknown {
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
    const beganMs = this.#parts.meter.preparing(type);
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
    putTxnHeader(out, sessionId, xid, zxid, timeMs, type);
    const err: number = request === malformed ? ErrorCode.MARSHALLINGERROR : op.prepare(preparation, request, out);
    const { digest } = this.#state.changes;
    if (err !== ErrorCode.OK) refuse(out, start, err);
    else if (this.#parts.config.digestEnabled) putTxnDigest(out, digest.high, digest.low);
    const end = out.position;
    this.#log.endEntry(zxid);

    const touched = preparation.touched;
    if (touched.length > 0) preparation.touched = [];
    const preparedMs = this.#parts.meter.prepared(type, beganMs, touched.length);
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
    this.#parts.trace?.proposed(sessionId, xid, zxid, type, err);
    if (this.#gate !== undefined) this.#gate.proposed(zxid, proposal.kept!);
    this.#parts.meter.proposed(preparedMs);
    return proposal;
  }

  durable(batch: LogBatch): void {
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

  /** Calls `done` when all proposals made so far are applied. At least one of them must be pending. */
  whenApplied(done: () => void): void {
    this.#waiting.push({ zxid: this.#lastZxid, done });
  }

  /** Applies all proposals up to this zxid, in order. */
  commitThrough(zxid: number): void {
    this.#parts.trace?.committed(zxid);
    while (this.#queue.length > 0 && this.#queue.peek()!.zxid <= zxid) {
      const proposal = this.#queue.shift();
      this.#commit(proposal, proposal.kept!, 0, proposal.kept!.length);
    }
  }

  #commit(proposal: Proposal, bytes: Buffer, start: number, end: number): void {
    const { database, clients, meter } = this.#parts;
    const { requester, zxid } = proposal;
    const client = requester === undefined || requester.isSilent ? undefined : requester;
    if (client !== undefined) clients.committing(client);
    const beganMs = meter.applying();
    const body = this.#body;
    body.reset();
    const err = database.applier.apply(bytes, start, end, body, proposal.contentCrc);
    this.#state.changes.applied(zxid, proposal.touched);
    meter.changesApplied(proposal.touched.length);
    this.#checkDigest(proposal);
    this.#parts.trace?.applied(zxid, err);
    database.applied(zxid, end - start, proposal.timeMs);
    if (this.#applied !== undefined) this.#applied(proposal);
    if (client !== undefined) clients.committed(client, proposal, err, body);
    if (beganMs !== untimed) meter.applied(beganMs, client !== undefined);
    while (this.#waiting.length > 0 && this.#waiting.peek()!.zxid <= zxid) this.#waiting.shift().done();
  }

  #checkDigest({ zxid, digestHigh, digestLow }: Proposal): void {
    const { config, logger, meter } = this.#parts;
    if (!config.digestEnabled) return;
    const { digest } = this.#state.tree;
    const mismatch = digestMismatch(digest, digestHigh, digestLow);
    if (mismatch === undefined) return;
    logger.error(
      `The tree differs from the state that transaction ${zxidHex(zxid)} was prepared for: its digest is ${mismatch.found}. ` +
        'Compare this server with another one or a backup',
    );
    meter.digestDiffers();
    if (this.#queue.length === 0) this.#state.changes.digest.assign(digest);
  }
}

/**
 * The operation for an op code that is not a write. A ZooKeeper follower forwards such a request and waits for its
 * commit, so the leader commits an error.
 */
const refusal: WriteOp<never> = { decode: () => undefined as never, prepare: () => ErrorCode.UNIMPLEMENTED };

/** The value that replaces the decoded request if a request could not be decoded. */
const malformed = Symbol('malformed request');

/**
 * Replaces the body of a rejected write. A rejected write is logged as an error transaction without a digest (spec
 * 1.13).
 */
function refuse(out: Writer, start: number, err: number): void {
  out.position = start + txnHeaderBytes;
  setTxnType(out.bytes, start, OpCode.error);
  out.int(err);
}
