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

/** The events that a conversation reports to its session. No method of a listener may throw. */
export interface ConversationListener<Watcher> {
  greeted(response: ConnectResponse): void;
  /**
   * The conversation updates this object from the header of each message, before it passes on the content of the
   * message.
   */
  readonly progress: Progress;
  /** `err` is the server's error code, or 0. If `err` is 0, the reader is positioned at the response record. */
  replied(request: ClientRequest<Watcher>, err: number, reader: Reader): void;
  watchEvent(event: WatcherEvent, zxid: number): void;
  /**
   * The server has confirmed the registration of all watches. `zxid` is the last zxid that the server had applied at
   * that time.
   */
  watchesReset(zxid: number): void;
  /**
   * The server refused, with the error code `err`, to register the session's watches again. It may have registered some
   * of the watches.
   */
  watchesRefused(err: number): void;
  authenticated(entry: AuthEntry, err: number): void;
  ponged(): void;
  /** The server violated the protocol, so none of its later messages can be trusted. */
  brokeProtocol(reason: string): void;
}

interface ConversationLimits {
  readonly requestBytesMax: number;
  readonly replyBytesMax: number;
}

/**
 * One connection that carries requests and replies. Replies come in the order of the requests, so a reply belongs to
 * the oldest unanswered request. Watch events, and replies to pings and auth packets, may come between the replies to
 * requests (spec 1.4.3, 1.4.4).
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
  /** The number of requests at the end of `pending` whose bytes are still in the outbox. */
  #unflushed = 0;
  #lastXid = 0;
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

  /** The xid of the newest request in the outbox; undefined if the outbox holds no request. */
  get unflushedXid(): number | undefined {
    return this.#unflushed > 0 ? this.#lastXid : undefined;
  }

  /** True if `greet` sent no watches, or if the server has confirmed all of them. */
  get hasAllWatches(): boolean {
    return this.#watchBatchesOut === 0;
  }

  /**
   * Sends the messages that must precede any request: the connect request, the auth packets and the watches. The auth
   * packets precede the watches, because the server sends a watch event only to a client that may read the node.
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

  /**
   * Adds the request to the outbox and returns undefined. If the request exceeds the size limit, adds nothing and
   * returns the size in bytes.
   */
  send(request: ClientRequest<Watcher>, xid: number): number | undefined {
    if (request.parked === undefined) {
      const oversize = this.outbox.add(xid, request.operation, request.body);
      if (oversize !== undefined) return oversize;
    } else {
      this.outbox.addParked(xid, request.parked);
      request.parked = undefined;
    }
    request.xid = xid;
    this.#lastXid = xid;
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
   * Removes and yields the requests that got no reply, oldest first. Must be called after `end`. A request whose bytes
   * never reached the link is marked as not sent.
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
    // a server older than ZooKeeper 3.4 omits the last byte, the flag `readOnly`; the added zero byte means false
    const whole = Buffer.concat([bytes.subarray(start, end), Buffer.alloc(1)]);
    this.listener.greeted(readConnectResponse(this.#reader.reset(whole)));
  }

  #readMessage(reader: Reader): void {
    const { xid, zxid, err } = readReplyHeader(reader);
    const { progress } = this.listener;
    progress.saw(zxid);
    // if the server has all watches, it sent every event up to `zxid` before this message
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
