import {
  EventType,
  getInt,
  Reader,
  readConnectResponse,
  readReplyHeader,
  readWatcherEvent,
  Xid,
} from '@nodekeeper/protocol';
import type { LinkTap } from '../clients/client-ports.js';

/**
 * When the servers last confirmed the session of a client, read from the bytes on its connections. The decoder shares
 * no code with the client.
 */
export class Confirmations implements LinkTap {
  /** The session that a server has granted last; 0n before the first. */
  sessionId = 0n;
  timeoutMs = 0;
  /** When the client sent the newest message of this session that a server has answered, on the clock of the world. */
  confirmedMs = Number.NEGATIVE_INFINITY;
  readonly #nowMs: () => number;
  readonly #onDeletion: (path: string, zxid: number) => void;
  #greetingMs: number | undefined;
  #isGranted = false;
  #requestMs = new Map<number, number>();
  #pingsMs: number[] = [];
  #received = Buffer.alloc(0);

  /** @param onDeletion called for each event that tells the client of a deleted node */
  constructor(nowMs: () => number, onDeletion: (path: string, zxid: number) => void) {
    this.#nowMs = nowMs;
    this.#onDeletion = onDeletion;
  }

  connected(): void {
    this.#greetingMs = undefined;
    this.#isGranted = false;
    this.#requestMs = new Map();
    this.#pingsMs = [];
    this.#received = Buffer.alloc(0);
  }

  /** Called with the bytes that the client sends. `bytes` contains only complete frames. */
  wrote(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += 4 + getInt(bytes, at)) {
      const xid = getInt(bytes, at + 4);
      if (this.#greetingMs === undefined) this.#greetingMs = this.#nowMs();
      else if (xid === Xid.ping) this.#pingsMs.push(this.#nowMs());
      else if (xid > 0) this.#requestMs.set(xid, this.#nowMs());
    }
  }

  heard(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= 4 && this.#received.length >= 4 + getInt(this.#received, 0)) {
      const end = 4 + getInt(this.#received, 0);
      this.#answered(this.#received.subarray(4, end));
      this.#received = this.#received.subarray(end);
    }
  }

  #answered(frame: Buffer): void {
    if (!this.#isGranted) {
      this.#granted(frame);
      return;
    }
    const xid = getInt(frame, 0);
    if (xid === Xid.notification) this.#told(new Reader(frame));
    else if (xid === Xid.ping) this.#confirm(this.#pingsMs.shift());
    else this.#confirm(this.#requestMs.get(xid));
  }

  #granted(frame: Buffer): void {
    const { sessionId, timeOut } = readConnectResponse(new Reader(frame));
    this.#isGranted = true;
    if (sessionId === 0n) return;
    if (sessionId !== this.sessionId) this.confirmedMs = Number.NEGATIVE_INFINITY;
    this.sessionId = sessionId;
    this.timeoutMs = timeOut;
    this.#confirm(this.#greetingMs);
  }

  #told(reader: Reader): void {
    const { zxid } = readReplyHeader(reader);
    const { type, path } = readWatcherEvent(reader);
    // for a change during a disconnection, the server sends no zxid
    if (type === EventType.nodeDeleted && zxid > 0) this.#onDeletion(path ?? '', zxid);
  }

  #confirm(sentMs: number | undefined): void {
    if (sentMs !== undefined) this.confirmedMs = Math.max(this.confirmedMs, sentMs);
  }
}
