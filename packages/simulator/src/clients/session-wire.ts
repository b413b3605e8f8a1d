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

/** Receives each message that a session sends. */
interface WireListener {
  asksFor(session: ConnectRequest): void;
  sends(xid: number, op: OpName, frame: Buffer): void;
}

/**
 * Decodes the bytes on the connections of one session, one connection after the other. The decoder shares no code with
 * the client.
 */
export class SessionWire {
  /** The replies that the session has received, by request number (xid). */
  readonly replies = new Map<number, Reply>();
  lastXid: number;
  /** The highest zxid that a server has sent to the session. */
  heardZxid = 0;
  /** True if the server replied that the session does not exist. */
  wasRefused = false;
  /** The number of credentials that the program has given to the session. */
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

  /** The number of credentials that the session must still send before the first request on this connection. */
  get authsMissing(): number {
    return this.#authsDue;
  }

  connected(): void {
    this.#reader = new WireReader();
    this.#isGreeted = false;
    this.#authsDue = this.auths;
  }

  /** Called with the bytes that the session sends. `bytes` contains only complete frames. */
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
