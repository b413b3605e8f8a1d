import {
  type ConnectRequest,
  type ConnectResponse,
  Deframer,
  ErrorCode,
  ProtocolError,
  Reader,
  RingQueue,
  readConnectResponse,
  readReplyHeader,
  readWatcherEvent,
  type WatcherEvent,
  writeConnectRequest,
  Xid,
} from '@nodekeeper/protocol';
import type { AuthEntry } from './credentials.js';
import { operations } from './operation.js';
import { Outbox } from './outbox.js';
import type { Link, ServerAddress } from './ports.js';
import type { Progress } from './progress.js';
import type { ClientRequest } from './request.js';
import type { WatchBatch } from './set-watches.js';

/** The events that a conversation reports to its session. None of these methods throws. */
export interface ConversationListener<Watcher> {
  greeted(response: ConnectResponse): void;
  /** Updated before the listener gets the message's content. */
  readonly progress: Progress;
  /** `err` is 0 or the server's error code. If it is 0, the reader stands at the response. */
  replied(request: ClientRequest<Watcher>, err: number, reader: Reader): void;
  watchEvent(event: WatcherEvent, zxid: number): void;
  /** The server has confirmed all watches. `zxid` is the last zxid that it had applied by then. */
  watchesReset(zxid: number): void;
  /** The server rejected watches that it should register again, with this code. It may have registered some of them. */
  watchesRefused(err: number): void;
  authenticated(entry: AuthEntry, err: number): void;
  ponged(): void;
  /** The server violated the protocol. None of its further messages can be trusted. */
  brokeProtocol(reason: string): void;
}

interface ConversationLimits {
  readonly requestBytesMax: number;
  readonly replyBytesMax: number;
}

/**
 * One connection that carries requests and replies. Replies come in the order of requests, so a reply belongs to the
 * oldest unanswered request. Pings, auth packets and watch events may come between (spec 1.4.3, 1.4.4).
 */
export class Conversation<Watcher> {
  readonly pending = new RingQueue<ClientRequest<Watcher>>();
  readonly outbox: Outbox;
  requestsSent = 0;
  repliesReceived = 0;
  watchEvents = 0;
  framesReceived = 0;
  bytesReceived = 0;
  #deframer: Deframer;
  #reader = new Reader(Buffer.alloc(0));
  #auths = new RingQueue<AuthEntry>();
  #watchBatchesOut = 0;
  /** The number of requests at the end of `pending` that are not flushed yet. */
  #unflushed = 0;
  #isGreeted = false;
  #isOver = false;

  constructor(
    readonly link: Link,
    readonly server: ServerAddress,
    limits: ConversationLimits,
    private readonly listener: ConversationListener<Watcher>,
  ) {
    this.outbox = new Outbox(limits.requestBytesMax);
    this.#deframer = new Deframer(limits.replyBytesMax);
  }

  /** False until the server has confirmed all watches of the greeting. */
  get hasAllWatches(): boolean {
    return this.#watchBatchesOut === 0;
  }

  /**
   * Sends the messages that must precede any request. Auth packets come first, because a watch event needs the
   * permission to read.
   */
  greet(request: ConnectRequest, auths: readonly AuthEntry[], batches: readonly WatchBatch[]): void {
    this.outbox.addBare(writeConnectRequest, request);
    for (const entry of auths) this.authenticate(entry);
    for (const { operation, body } of batches) {
      this.outbox.add(Xid.setWatches, operation, body);
      this.#watchBatchesOut++;
    }
  }

  authenticate(entry: AuthEntry): void {
    this.outbox.add(Xid.auth, operations.auth, { type: 0, scheme: entry.scheme, auth: entry.auth });
    this.#auths.push(entry);
  }

  ping(): void {
    this.outbox.add(Xid.ping, operations.ping, undefined);
  }

  /** Returns undefined, or the size in bytes of a request that exceeds the limit and was not sent. */
  send(request: ClientRequest<Watcher>, xid: number): number | undefined {
    if (request.parked === undefined) {
      const oversize = this.outbox.add(xid, request.operation, request.body);
      if (oversize !== undefined) return oversize;
    } else {
      this.outbox.addParked(xid, request.parked);
      request.parked = undefined;
    }
    request.xid = xid;
    request.sent = true;
    this.requestsSent++;
    this.pending.push(request);
    this.#unflushed++;
    if (this.outbox.hasEnough) this.flush();
    return undefined;
  }

  flush(): void {
    if (this.#isOver || this.outbox.isEmpty) return;
    this.#unflushed = 0;
    this.outbox.flush(this.link);
  }

  received(chunk: Buffer): void {
    this.bytesReceived += chunk.length;
    try {
      this.#deframer.push(chunk, this.#onFrame);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.listener.brokeProtocol(error.message);
    }
  }

  /** Stops sending and receiving. */
  end(): void {
    this.#isOver = true;
    this.link.destroy();
  }

  /**
   * After `end`: the requests without a reply, oldest first. Requests that never reached the link are marked as not
   * sent.
   */
  *unanswered(): Iterable<ClientRequest<Watcher>> {
    while (this.pending.length > 0) {
      const request = this.pending.shift();
      if (this.pending.length < this.#unflushed) request.sent = false;
      yield request;
    }
  }

  readonly #onFrame = (bytes: Buffer, start: number, end: number): boolean => {
    this.framesReceived++;
    try {
      if (this.#isGreeted) this.#readMessage(this.#reader.reset(bytes, start, end));
      else this.#readGreeting(bytes, start, end);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.listener.brokeProtocol(error.message);
    }
    return !this.#isOver;
  };

  #readGreeting(bytes: Buffer, start: number, end: number): void {
    this.#isGreeted = true;
    // a server before 3.4 omits the last byte, which then means false
    const whole = Buffer.concat([bytes.subarray(start, end), Buffer.alloc(1)]);
    this.listener.greeted(readConnectResponse(this.#reader.reset(whole)));
  }

  #readMessage(reader: Reader): void {
    const { xid, zxid, err } = readReplyHeader(reader);
    const { progress } = this.listener;
    progress.saw(zxid);
    // the server sends all events until this zxid before the reply, if it has all our watches
    if (xid !== Xid.notification && this.hasAllWatches) progress.toldUntil(zxid);
    if (xid > 0) this.#readReply(xid, err, reader);
    else if (xid === Xid.notification) this.#readWatchEvent(reader, zxid);
    else if (xid === Xid.ping) this.listener.ponged();
    else if (xid === Xid.auth) this.#readAuth(err);
    else if (xid === Xid.setWatches) this.#readSetWatches(zxid, err);
    else throw new ProtocolError(`a reply has xid ${xid}, which belongs to no request`);
  }

  #readReply(xid: number, err: number, reader: Reader): void {
    const expected = this.pending.peek()?.xid;
    if (xid !== expected) {
      const due = expected === undefined ? 'no reply is due' : `xid ${expected} is due`;
      throw new ProtocolError(`a reply has xid ${xid}, but ${due}`);
    }
    this.repliesReceived++;
    this.listener.replied(this.pending.shift(), err, reader);
  }

  #readWatchEvent(reader: Reader, zxid: number): void {
    const event = readWatcherEvent(reader);
    this.watchEvents++;
    this.listener.watchEvent(event, zxid);
  }

  #readAuth(err: number): void {
    if (this.#auths.length === 0) throw new ProtocolError('a reply to an auth packet that was not sent');
    this.listener.authenticated(this.#auths.shift(), err);
  }

  #readSetWatches(zxid: number, err: number): void {
    if (this.#watchBatchesOut === 0) throw new ProtocolError('a reply to setWatches that was not sent');
    if (err !== ErrorCode.OK) this.listener.watchesRefused(err);
    else if (--this.#watchBatchesOut === 0) this.listener.watchesReset(zxid);
  }
}
