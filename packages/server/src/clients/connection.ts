import { Deframer, getInt, ProtocolError, putInt, type Writer } from '@nodekeeper/protocol';
import { type FourLetterWord, findFourLetterWord } from '../admin/four-letter-words.js';
import { ConnectionStatistics } from '../admin/statistics.js';
import type { Events } from '../events/events.js';
import { Cost, type TurnTaker } from '../events/turns.js';
import type { Logger } from '../log/logger.js';
import type { Transport, TransportHandler } from '../ports/network.js';
import type { Tally } from './tally.js';
import type { WriterPool } from './writer-pool.js';

/**
 * Above this number of unsent bytes, the server stops reading from the connection. The server resumes reading when all
 * bytes are sent.
 */
const unsentBytesPause = 1024 * 1024;
/**
 * Above this number of unsent bytes, the server closes the connection. Notifications are sent without a request, so a
 * pause in reading does not limit them.
 */
const unsentBytesMax = 64 * 1024 * 1024;
const replyHeaderBytes = 20;

/**
 * `greeting`: the server has not received all of the first four bytes, or not the whole argument of a four-letter word.
 * `closing`: the server is answering a four-letter word.
 */
type ConnectionState = 'greeting' | 'open' | 'closing' | 'closed';

/** Receives the events of one connection. */
export interface ConnectionListener {
  /** Handles a complete frame, `bytes[start, end)`. Throws `ProtocolError` if the connection must be closed. */
  frame(bytes: Buffer, start: number, end: number): void;
  word(word: FourLetterWord, argument: Uint8Array): void;
  /**
   * Continues work that was paused. Called when all bytes have been sent to a slow client, or when the connection's
   * turn has come.
   */
  proceed(): void;
  /** Called once, when the connection is closed. */
  closed(reason: string): void;
  /** Returns the fields that identify the client in a log line. */
  logFields(): Record<string, unknown>;
}

/** Objects and limits that all connections share. */
export interface ConnectionParts {
  readonly events: Events;
  readonly tally: Tally;
  readonly writers: WriterPool;
  readonly logger: Logger;
  readonly frameBytesMax: number;
}

/**
 * Reads and writes the bytes of one client connection. The input is split into frames, and the output of each event is
 * collected in one buffer.
 */
export class Connection implements TransportHandler, TurnTaker {
  readonly transport: Transport;
  readonly statistics = new ConnectionStatistics();
  /** The time when the connection was accepted, on the wall clock. */
  readonly establishedMs: number;
  /** The time when the connection was accepted, on the monotonic clock. */
  readonly acceptedMs: number;
  state: ConnectionState = 'greeting';
  listener!: ConnectionListener;
  readonly #parts: ConnectionParts;
  readonly #deframer: Deframer;
  #out: Writer | undefined;
  /** The position in `#out` where the current reply starts; -1 between replies. */
  #replyStart = -1;
  /** The bytes received so far in the state `greeting`. */
  #greeting: Buffer = noBytes;
  /** Bytes that arrived while reading was stopped, and are not processed yet. */
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

  // ---- input

  receive(chunk: Buffer): void {
    this.#parts.events.begin();
    this.#parts.tally.received(chunk.length);
    this.#take(chunk);
    this.#parts.events.end();
  }

  /** Processes received bytes. Invalid input closes this connection, and has no other effect. */
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
    if (!this.#mayRead) {
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
    return this.#mayRead && !this.#isOver();
  };

  get #mayRead(): boolean {
    return !this.#stopped && !this.#awaitsTurn;
  }

  #isOver(): boolean {
    return this.state === 'closing' || this.state === 'closed';
  }

  ended(): void {
    this.#inputEnded = true;
    if (this.state === 'greeting' && this.#greeting.length >= 4) this.receive(noBytes);
    // Drop the connection, unless requests wait: `#continueReading` handles them first, and then closes the connection.
    else if (this.state !== 'closing' && !this.#awaitsTurn && this.#held === undefined) this.#dropped();
  }

  #dropped(): void {
    this.#parts.tally.connectionDropped();
    this.close('the client closed the connection');
  }

  /** Stops reading requests until `resumeReading`. Bytes that have already arrived are kept. */
  stopReading(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.transport.pause();
  }

  resumeReading(): void {
    if (!this.#stopped || this.state === 'closed') return;
    this.#stopped = false;
    this.#continueReading();
  }

  #continueReading(): void {
    if (!this.#mayRead || this.state === 'closed') return;
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#take(held);
    if (!this.#mayRead || this.#isOver()) return;
    if (this.#inputEnded) this.#dropped();
    else this.transport.resume();
  }

  /** Lets other connections continue first. This client's requests and pending replies wait until `takeTurn`. */
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
    this.#continueReading();
  }

  get isReading(): boolean {
    return this.#mayRead && this.state !== 'closing';
  }

  // ---- replies

  #writer(): Writer {
    if (this.#out === undefined) {
      this.#out = this.#parts.writers.take();
      this.#parts.events.flushAtEnd(this);
    }
    return this.#out;
  }

  /**
   * Starts a reply, and reserves space for its length and header. The caller writes the body into the returned writer.
   */
  beginReply(): Writer {
    const out = this.#writer();
    this.#replyStart = out.position;
    out.reserve(replyHeaderBytes);
    out.position += replyHeaderBytes;
    return out;
  }

  /** Ends the reply: fills in the length and the header. If `err` is not OK, the body is dropped, as in ZooKeeper. */
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

  /** Sends a reply without a body. */
  reply(xid: number, zxid: number, err: number): void {
    this.beginReply();
    this.endReply(xid, zxid, err);
  }

  /** Sends a frame to which no ReplyHeader is added: the reply to a handshake, or a notification. */
  sendFrame(frame: Uint8Array): void {
    if (this.#replyStart >= 0) throw new Error('a frame was sent inside a reply');
    this.sendRaw(frame);
    this.#parts.tally.sent(this.statistics, frame.length);
  }

  /** Sends bytes without adding a length or a header. */
  sendRaw(bytes: Uint8Array): void {
    this.#writer().raw(bytes);
  }

  /**
   * Sends the collected replies if they exceed `unsentBytesPause`. Without this limit, the replies of a single turn
   * could fill the memory. If the client is too slow to receive the replies, its other requests wait.
   */
  flushIfMuch(): void {
    if (this.#out === undefined || this.#out.position <= unsentBytesPause) return;
    this.#parts.events.turns.credit -= Cost.walking;
    this.flush();
  }

  /** True if the client receives replies more slowly than it sends requests. */
  get isClientSlow(): boolean {
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
        `Closing the connection: the client does not read, and ${unsentBytes} bytes are unsent`,
        this.listener.logFields(),
      );
      this.close('the client does not read');
    } else if (this.isClientSlow) {
      this.stopReading();
    }
  }

  drained(): void {
    if (this.state !== 'open') return;
    this.#parts.events.begin();
    this.listener.proceed();
    this.#parts.events.end();
  }

  // ---- closing

  /** Closes the connection after the queued bytes are sent. */
  closeAfterReplies(reason: string): void {
    if (this.state === 'closed') return;
    this.flush();
    if ((this.state as ConnectionState) === 'closed') return;
    this.transport.end();
    this.#forget(reason);
  }

  /** Closes the connection at once. */
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
