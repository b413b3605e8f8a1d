import { Deframer, getInt, ProtocolError, putInt, type Writer } from '@nodekeeper/protocol';
import { type FourLetterWord, findFourLetterWord } from '../admin/four-letter-words.js';
import { ConnectionStatistics } from '../admin/statistics.js';
import type { Events } from '../events/events.js';
import { Cost, type TurnTaker } from '../events/turns.js';
import type { Logger } from '../log/logger.js';
import type { Transport, TransportHandler } from '../ports/network.js';
import type { Tally } from './tally.js';
import type { WriterPool } from './writer-pool.js';

/** More than this unsent and the connection is not read from; the client has to catch up first. */
const unsentBytesPause = 1024 * 1024;
/** Notifications come unasked: a client that lets this much pile up is cut off. */
const unsentBytesMax = 64 * 1024 * 1024;
const replyHeaderBytes = 20;

/** `greeting`: no complete frame or word has come; `closing`: what is queued is still sent. */
type ConnectionState = 'greeting' | 'open' | 'closing' | 'closed';

/** What a connection tells of its client. Calls do not nest. */
export interface ConnectionListener {
  /** A whole frame. Throws `ProtocolError` for what costs the client its connection. */
  frame(bytes: Buffer, start: number, end: number): void;
  word(word: FourLetterWord, argument: Uint8Array): void;
  /** There may be something to send that had to wait: the client takes bytes again, or it is its turn. */
  proceed(): void;
  /** Nothing is called after this. */
  closed(reason: string): void;
  /** Who it is, for the log. */
  logFields(): Record<string, unknown>;
}

/** What connections share. */
export interface ConnectionParts {
  readonly events: Events;
  readonly tally: Tally;
  readonly writers: WriterPool;
  readonly logger: Logger;
  readonly frameBytesMax: number;
}

/** The bytes of one client connection: cut into frames on the way in, gathered into one buffer per event on the way out. */
export class Connection implements TransportHandler, TurnTaker {
  readonly transport: Transport;
  readonly statistics = new ConnectionStatistics();
  /** On the wall clock, and on the monotonic one. */
  readonly establishedMs: number;
  readonly acceptedMs: number;
  state: ConnectionState = 'greeting';
  listener!: ConnectionListener;
  readonly #parts: ConnectionParts;
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

  constructor(parts: ConnectionParts, transport: Transport) {
    this.#parts = parts;
    this.transport = transport;
    this.#deframer = new Deframer(parts.frameBytesMax);
    this.establishedMs = parts.events.wallMs;
    this.acceptedMs = parts.events.nowMs;
  }

  // ---- bytes in

  receive(chunk: Buffer): void {
    this.#parts.events.begin();
    this.#parts.tally.received(chunk.length);
    this.#take(chunk);
    this.#parts.events.end();
  }

  /** Whatever a client sends costs it its connection at most. */
  #take(chunk: Buffer): void {
    try {
      if (this.state === 'greeting') this.#greet(chunk);
      else this.#feed(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#parts.logger.warn(`Closing the connection: ${error.message}`, this.listener.logFields());
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
      this.listener.word(word, bytes.subarray(4));
      return;
    }
    this.state = 'open';
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
    this.#parts.tally.frameReceived(this.statistics);
    this.listener.frame(bytes, start, end);
    this.flushIfMuch();
    const { turns } = this.#parts.events;
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
    this.#parts.tally.connectionDropped();
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
    this.#parts.events.turns.wait(this);
  }

  get awaitsTurn(): boolean {
    return this.#awaitsTurn;
  }

  takeTurn(): void {
    this.#awaitsTurn = false;
    if (this.state === 'closed') return;
    this.listener.proceed();
    this.#readOn();
  }

  get isReading(): boolean {
    return this.#takesMore && this.state !== 'closing';
  }

  // ---- answers out

  #writer(): Writer {
    if (this.#out === undefined) {
      this.#out = this.#parts.writers.take();
      this.#parts.events.flushAtEnd(this);
    }
    return this.#out;
  }

  /** Starts a reply. Its body is written to the returned writer, after the room for length and header. */
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
    this.#parts.tally.replied(this.statistics, out.position - start);
  }

  /** A reply without a body. */
  reply(xid: number, zxid: number, err: number): void {
    this.beginReply();
    this.endReply(xid, zxid, err);
  }

  /** Sends a frame of its own kind: the answer to a handshake, or a notification. */
  sendFrame(frame: Uint8Array): void {
    if (this.#replyStart >= 0) throw new Error('a frame inside a reply');
    this.sendRaw(frame);
    this.#parts.tally.sent(this.statistics, frame.length);
  }

  /** Sends bytes as they are. */
  sendRaw(bytes: Uint8Array): void {
    this.#writer().raw(bytes);
  }

  /** One turn may ask for more than memory should hold: what there is goes out, and the rest waits for the client. */
  flushIfMuch(): void {
    if (this.#out === undefined || this.#out.position <= unsentBytesPause) return;
    this.#parts.events.turns.credit -= Cost.walking;
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
    if (reusable) this.#parts.writers.give(out);
    else this.#limitUnsent();
  }

  #limitUnsent(): void {
    const { unsentBytes } = this.transport;
    if (unsentBytes > unsentBytesMax) {
      this.#parts.logger.warn(
        `Closing the connection: the client does not read, ${unsentBytes} bytes wait for it`,
        this.listener.logFields(),
      );
      this.close('the client does not read');
    } else if (this.isBehind) {
      this.stopReading();
    }
  }

  drained(): void {
    if (this.state !== 'open') return;
    this.#parts.events.begin();
    this.listener.proceed();
    this.#parts.events.end();
  }

  // ---- the end

  /** Closes once what is queued is sent. */
  closeAfterReplies(reason: string): void {
    if (this.state === 'closed') return;
    this.flush();
    if ((this.state as ConnectionState) === 'closed') return;
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
    this.#parts.events.begin();
    this.#parts.tally.connectionDropped();
    this.#forget(reason);
    this.#parts.events.end();
  }

  #forget(reason: string): void {
    this.state = 'closed';
    this.#held = undefined;
    this.listener.closed(reason);
  }
}

const noBytes: Buffer = Buffer.alloc(0);
