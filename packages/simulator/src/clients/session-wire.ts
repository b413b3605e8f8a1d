import {
  type ConnectRequest,
  getInt,
  type OpName,
  opByNumber,
  Reader,
  readConnectRequest,
  readRequestHeader,
  Xid,
} from '@nodekeeper/protocol';
import { type Reply, WireReader } from '@nodekeeper/server/testing';
import type { Answer } from '../checks/client/history.js';

/** Called for each message that a session sends. */
interface WireListener {
  asksFor(session: ConnectRequest): void;
  sends(xid: number, op: OpName, frame: Buffer): void;
}

/** The connections of one session, one after the other. The decoder shares no code with the client. */
export class SessionWire {
  /** Replies by request number. */
  readonly replies = new Map<number, Reply>();
  lastXid: number;
  /** The highest zxid that a server sent. */
  heardZxid = 0;
  /** A server replied that the session does not exist. */
  wasRefused = false;
  /** The number of credentials that the session was given. */
  auths = 0;
  #authsDue = 0;
  #reader = new WireReader();
  #isGreeted = false;
  readonly #listener: WireListener;

  constructor(lastXid: number, listener: WireListener) {
    this.lastXid = lastXid;
    this.#listener = listener;
  }

  answerTo(xid: number): Answer | undefined {
    const reply = this.replies.get(xid);
    return reply && { err: reply.err, zxid: reply.zxid, response: reply.body };
  }

  /** The number of credentials that must still be sent before the first request. */
  get authsMissing(): number {
    return this.#authsDue;
  }

  connected(): void {
    this.#reader = new WireReader();
    this.#isGreeted = false;
    this.#authsDue = this.auths;
  }

  /** `bytes` holds complete frames. */
  wrote(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      const end = at + 4 + getInt(bytes, at);
      this.#frame(Buffer.from(bytes.subarray(at, end)));
      at = end;
    }
  }

  #frame(frame: Buffer): void {
    const reader = new Reader(frame, 4, frame.length);
    if (!this.#isGreeted) {
      this.#isGreeted = true;
      this.#listener.asksFor(readConnectRequest(reader));
      return;
    }
    const { xid, type } = readRequestHeader(reader);
    const op = opByNumber(type)!.name;
    this.#reader.asked(xid, op);
    if (xid === Xid.auth) this.#authsDue--;
    if (xid <= 0) return;
    this.lastXid = Math.max(this.lastXid, xid);
    this.#listener.sends(xid, op, frame);
  }

  heard(chunk: Buffer): void {
    this.#reader.push(Buffer.from(chunk));
    for (const message of this.#reader.messages.splice(0)) {
      if (message.kind === 'connected') {
        this.wasRefused = message.response.sessionId === 0n;
      } else {
        const { zxid } = message.kind === 'event' ? message : message.reply;
        this.heardZxid = Math.max(this.heardZxid, zxid);
        if (message.kind === 'reply' && message.reply.xid > 0) this.replies.set(message.reply.xid, message.reply);
      }
    }
  }
}
