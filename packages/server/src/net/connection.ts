import {
  type ACL,
  Deframer,
  getInt,
  type Id,
  Perm,
  ProtocolError,
  putInt,
  RingQueue,
  type Writer,
} from '@nodekeeper/protocol';
import { findFourLetterWord } from '../admin/four-letter-words.js';
import { ConnectionStatistics } from '../admin/statistics.js';
import type { Client } from '../ops/read-state.js';
import type { Forwarded } from '../pipeline/forwarded-request.js';
import type { Answerable } from '../pipeline/proposal.js';
import type { Requester } from '../pipeline/requester.js';
import type { ServerCore } from '../pipeline/server-core.js';
import type { SteppedRead } from '../pipeline/stepped-read.js';
import { Cost, type TurnTaker } from '../pipeline/turns.js';
import type { Transport, TransportHandler } from '../ports/network.js';
import type { Session } from '../session/session-tracker.js';
import { Lane } from './lane.js';

/** More than this unsent and the connection is not read from; the client has to catch up first. */
const unsentBytesPause = 1024 * 1024;
/** Notifications come unasked: a client that lets this much pile up is cut off. */
const unsentBytesMax = 64 * 1024 * 1024;
const replyHeaderBytes = 20;
const idsMax = 1000;
const idLettersMax = 64 * 1024;

/**
 * `greeting`: nothing is known of the client; `connecting`: its session is being opened; `open`: requests are taken;
 * `closing`: what is queued is still sent.
 */
type ConnectionState = 'greeting' | 'connecting' | 'open' | 'closing' | 'closed';

/** One client connection: bytes into frames, frames to the handshake or the intake, answers into one buffer per turn. */
export class Connection implements TransportHandler, Client, Requester, TurnTaker {
  readonly transport: Transport;
  readonly statistics = new ConnectionStatistics();
  readonly lane = new Lane();
  readonly establishedMs: number;
  readonly acceptedMs: number;
  state: ConnectionState = 'greeting';
  session: Session | undefined;
  sessionId = 0n;
  /** Negotiated in the handshake. */
  sessionTimeoutMs = 0;
  /** The client's ConnectRequest ended with a readOnly byte, so the answer does too. */
  knowsReadOnly = false;
  ids: readonly Id[];
  /** The client has asked for the end of its session; its connection closes with the answer. */
  isClosingSession = false;
  /** Requests that were sent to the leader and are not committed yet, for a learner to know its own among the commits. */
  readonly forwarded = new RingQueue<Forwarded>();
  /** At a learner: the last transaction that had come when this connection got its session. */
  attachedZxid = 0;
  /** Bytes of requests that count as large and are not answered yet. */
  largeRequestBytes = 0;
  watchBytes = 0;
  /** The read that is being answered step by step, if there is one. */
  stepped: SteppedRead | undefined;
  readonly #core: ServerCore;
  readonly #deframer: Deframer;
  #out: Writer | undefined;
  /** Where the reply that is being written starts; -1: none is. */
  #replyStart = -1;
  /** First bytes, until there are four of them. */
  #greeting: Buffer = noBytes;
  /** Bytes that came while nothing was to be read. */
  #held: Buffer | undefined;
  #stopped = false;
  #awaitsTurn = false;
  #inputEnded = false;

  constructor(core: ServerCore, transport: Transport) {
    this.#core = core;
    this.transport = transport;
    this.#deframer = new Deframer(core.config.juteMaxBufferBytes);
    this.ids = [{ scheme: 'ip', id: transport.remoteAddress }];
    this.establishedMs = core.wallMs;
    this.acceptedMs = core.nowMs;
  }

  // ---- bytes in

  receive(chunk: Buffer): void {
    this.#core.eventBegins();
    this.#core.meter.bytesReceived.add(chunk.length);
    this.#take(chunk);
    this.#core.eventEnds();
  }

  /** Whatever a client sends costs it its connection at most. */
  #take(chunk: Buffer): void {
    try {
      if (this.state === 'greeting') this.#greet(chunk);
      else this.#feed(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#core.logger.warn(`Closing the connection: ${error.message}`, this.logFields());
      this.close('malformed input');
    }
  }

  #greet(chunk: Buffer): void {
    const bytes = this.#greeting.length === 0 ? chunk : Buffer.concat([this.#greeting, chunk]);
    const word = bytes.length < 4 ? undefined : findFourLetterWord(getInt(bytes, 0));
    const isWhole = word === undefined ? bytes.length >= 4 : bytes.length >= 4 + word.argumentBytes || this.#inputEnded;
    if (!isWhole) {
      this.#greeting = Buffer.from(bytes);
      return;
    }
    this.#greeting = noBytes;
    if (word !== undefined) {
      this.state = 'closing';
      this.#core.answerWord(this, word, bytes.subarray(4));
      return;
    }
    this.state = 'connecting';
    this.#feed(bytes);
  }

  #feed(chunk: Buffer): void {
    if (this.#isOver()) return;
    if (!this.#takesMore) {
      this.#held = this.#held === undefined ? Buffer.from(chunk) : Buffer.concat([this.#held, chunk]);
      return;
    }
    const left = this.#deframer.push(chunk, this.#onFrame);
    if (left !== undefined && !this.#isOver()) this.#held = Buffer.from(left);
  }

  readonly #onFrame = (bytes: Buffer, start: number, end: number): boolean => {
    this.statistics.packetsReceived++;
    this.#core.statistics.packetsReceived++;
    if (this.session === undefined) this.#core.handshake.open(this, bytes, start, end);
    else this.#core.intake.request(this, bytes, start, end);
    this.flushIfMuch();
    const { turns } = this.#core;
    if (turns.credit <= 0 && turns.isSpent) this.awaitTurn();
    return this.#takesMore && !this.#isOver();
  };

  get #takesMore(): boolean {
    return !this.#stopped && !this.#awaitsTurn;
  }

  #isOver(): boolean {
    return this.state === 'closing' || this.state === 'closed';
  }

  ended(): void {
    this.#inputEnded = true;
    if (this.state === 'greeting' && this.#greeting.length >= 4) this.receive(noBytes);
    // what it sent before it went is done first
    else if (this.state !== 'closing' && !this.#awaitsTurn && this.#held === undefined) this.#dropped();
  }

  #dropped(): void {
    this.#core.meter.connectionDropped();
    this.close('the client closed the connection');
  }

  /** Stops taking requests until `resumeReading`; bytes that are already here are kept. */
  stopReading(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.transport.pause();
  }

  resumeReading(): void {
    if (!this.#stopped || this.state === 'closed') return;
    this.#stopped = false;
    this.#readOn();
  }

  #readOn(): void {
    if (!this.#takesMore || this.state === 'closed') return;
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#take(held);
    if (!this.#takesMore || this.#isOver()) return;
    if (this.#inputEnded) this.#dropped();
    else this.transport.resume();
  }

  /** Others are served first: what this client has sent already, and what is still to be answered, waits until then. */
  awaitTurn(): void {
    if (this.#awaitsTurn || this.#isOver()) return;
    this.#awaitsTurn = true;
    this.transport.pause();
    this.#core.turns.wait(this);
  }

  get awaitsTurn(): boolean {
    return this.#awaitsTurn;
  }

  takeTurn(): void {
    this.#awaitsTurn = false;
    if (this.state === 'closed') return;
    if (this.session?.closing === false) this.session.touchedMs = this.#core.nowMs;
    this.#core.intake.drain(this);
    this.#readOn();
  }

  /** Clients of this server are its own; see `Session.owner`. */
  get owner(): unknown {
    return this.#core.owner;
  }

  get isReading(): boolean {
    return this.#takesMore && this.state !== 'closing';
  }

  // ---- answers out

  #writer(): Writer {
    if (this.#out === undefined) {
      this.#out = this.#core.writers.take();
      this.#core.markDirty(this);
    }
    return this.#out;
  }

  /** Starts a reply: the body is written to what this returns, behind the room for length and header. */
  beginReply(): Writer {
    const out = this.#writer();
    this.#replyStart = out.position;
    out.reserve(replyHeaderBytes);
    out.position += replyHeaderBytes;
    return out;
  }

  /** Ends it. With a code other than OK the body goes unsent, as Apache's does. */
  endReply(xid: number, zxid: number, err: number): void {
    const out = this.#out!;
    const start = this.#replyStart;
    this.#replyStart = -1;
    if (err !== 0) out.position = start + replyHeaderBytes;
    const { bytes } = out;
    let at = putInt(bytes, start, out.position - start - 4);
    at = putInt(bytes, at, xid);
    at = putInt(bytes, at, Math.floor(zxid / 0x100000000));
    at = putInt(bytes, at, zxid | 0);
    putInt(bytes, at, err);
    // Apache counts without the length in front
    this.#core.meter.responseBytes.add(out.position - start - 4);
    this.#core.sent(this, out.position - start);
  }

  /** A reply without a body. */
  reply(xid: number, zxid: number, err: number): void {
    this.beginReply();
    this.endReply(xid, zxid, err);
  }

  /** Sends bytes as they are: the answer to a handshake or a four-letter word. */
  sendRaw(bytes: Uint8Array): void {
    this.#writer().raw(bytes);
  }

  /** One turn may ask for more than memory should hold: what there is goes out, and the rest waits for the client. */
  flushIfMuch(): void {
    if (this.#out === undefined || this.#out.position <= unsentBytesPause) return;
    this.#core.turns.credit -= Cost.walking;
    this.flush();
  }

  /** The client takes less than it asks for. */
  get isBehind(): boolean {
    return this.transport.unsentBytes > unsentBytesPause;
  }

  flush(): void {
    const out = this.#out;
    if (out === undefined) return;
    this.#out = undefined;
    if (this.state === 'closed') return;
    const reusable = this.transport.write(out.view());
    if (reusable) this.#core.writers.give(out);
    else this.#limitUnsent();
  }

  #limitUnsent(): void {
    const { unsentBytes } = this.transport;
    if (unsentBytes > unsentBytesMax) {
      this.#core.logger.warn(
        `Closing the connection: the client does not read, ${unsentBytes} bytes wait for it`,
        this.logFields(),
      );
      this.close('the client does not read');
    } else if (this.isBehind) {
      this.stopReading();
    }
  }

  drained(): void {
    if (this.state !== 'open') return;
    this.#core.eventBegins();
    this.#core.intake.drain(this);
    this.#core.eventEnds();
  }

  // ---- watches and writes

  mayRead(acl: readonly ACL[]): boolean {
    return this.#core.access.allows(acl, Perm.READ, this.ids);
  }

  notify(frame: Buffer): void {
    if (this.state === 'closed') return;
    if (this.#replyStart >= 0) throw new Error('a notification inside a reply');
    this.sendRaw(frame);
    this.#core.sent(this, frame.length);
  }

  committing(): void {
    this.#core.intake.committing(this);
  }

  committed(proposal: Answerable, err: number, body: Writer): void {
    this.#core.intake.committed(this, proposal, err, body);
  }

  /** False when the connection would have more ids than any client needs: each costs memory, and every permission check. */
  addIds(added: readonly Id[]): boolean {
    const isNew = (id: Id) => !this.ids.some((known) => known.scheme === id.scheme && known.id === id.id);
    const ids = [...this.ids, ...added.filter(isNew)];
    const letters = ids.reduce((sum, { scheme, id }) => sum + (scheme?.length ?? 0) + (id?.length ?? 0), 0);
    if (ids.length > idsMax || letters > idLettersMax) return false;
    this.ids = ids;
    return true;
  }

  // ---- the end

  /** Closes once what is queued is sent. */
  closeAfterReplies(reason: string): void {
    if (this.state === 'closed') return;
    this.flush();
    if (!this.#core.connections.has(this)) return;
    this.transport.end();
    this.#forget(reason);
  }

  /** Closes now. */
  close(reason: string): void {
    if (this.state === 'closed') return;
    this.transport.destroy();
    this.#forget(reason);
  }

  closed(reason: string): void {
    if (this.state === 'closed') return;
    this.#core.eventBegins();
    this.#core.meter.connectionDropped();
    this.#forget(reason);
    this.#core.eventEnds();
  }

  #forget(reason: string): void {
    this.state = 'closed';
    this.#held = undefined;
    this.stepped = undefined;
    this.#core.connectionClosed(this, reason);
  }

  logFields(): Record<string, unknown> {
    const client = `${this.transport.remoteAddress}:${this.transport.remotePort}`;
    return this.sessionId === 0n
      ? { client }
      : { client, session: `0x${BigInt.asUintN(64, this.sessionId).toString(16)}` };
  }
}

const noBytes: Buffer = Buffer.alloc(0);
