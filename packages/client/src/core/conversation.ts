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

/** What a conversation tells its session. None of it throws. */
export interface ConversationListener<Watcher> {
  greeted(response: ConnectResponse): void;
  /** Kept up to date before whatever a message brings. */
  readonly progress: Progress;
  /** `err` is 0 or the server's code; with 0 the reader stands at the response. */
  replied(request: ClientRequest<Watcher>, err: number, reader: Reader): void;
  watchEvent(event: WatcherEvent, zxid: number): void;
  /** All watches are registered with this server, which had come to this zxid by then. */
  watchesReset(zxid: number): void;
  /** The server answered with this code to watches that it should register again. It may have registered some. */
  watchesRefused(err: number): void;
  authenticated(entry: AuthEntry, err: number): void;
  ponged(): void;
  /** The server does not keep to the protocol; nothing that it says any more can be trusted. */
  brokeProtocol(reason: string): void;
}

interface ConversationLimits {
  readonly requestBytesMax: number;
  readonly replyBytesMax: number;
}

/**
 * One connection: requests out, replies in. Replies come in the order of requests, so the oldest request without a
 * reply is the one that is answered; pings, auth packets and watch events may come between (inventory 1.4.3, 1.4.4).
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
  /** Requests at the end of `pending` that are not flushed yet. */
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

  /** False while the server has not confirmed all watches that it was sent with the greeting. */
  get hasAllWatches(): boolean {
    return this.#watchBatchesOut === 0;
  }

  /** The first words, which must be ahead of any request: auth first, since events are only for those who may read. */
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

  /** A number is the size of a request that is over the limit and was not taken. */
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

  /** Nothing is said or heard any more. */
  end(): void {
    this.#isOver = true;
    this.link.destroy();
  }

  /** After `end`: the requests without a reply, oldest first; those never handed to the link are marked not sent. */
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
    // a server before 3.4 leaves the last byte out: it means false
    const whole = Buffer.concat([bytes.subarray(start, end), Buffer.alloc(1)]);
    this.listener.greeted(readConnectResponse(this.#reader.reset(whole)));
  }

  #readMessage(reader: Reader): void {
    const { xid, zxid, err } = readReplyHeader(reader);
    const { progress } = this.listener;
    progress.saw(zxid);
    // a reply comes behind all events until its zxid, if all watches are registered with this server
    if (xid !== Xid.notification && this.hasAllWatches) progress.toldUntil(zxid);
    if (xid > 0) this.#readReply(xid, err, reader);
    else if (xid === Xid.notification) this.#readWatchEvent(reader, zxid);
    else if (xid === Xid.ping) this.listener.ponged();
    else if (xid === Xid.auth) this.#readAuth(err);
    else if (xid === Xid.setWatches) this.#readSetWatches(zxid, err);
    else throw new ProtocolError(`a reply has xid ${xid}, which no request has`);
  }

  #readReply(xid: number, err: number, reader: Reader): void {
    const expected = this.pending.peek()?.xid;
    if (xid !== expected) {
      const due = expected === undefined ? 'no reply is due' : `${expected} is due`;
      throw new ProtocolError(`a reply has xid ${xid} where ${due}`);
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
