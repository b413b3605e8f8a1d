import { connect, type Socket } from 'node:net';
import { decodeMulti, encodeFrame, operations, type Request, withLength } from './operations.js';
import { type Cursor, decodeRecord, encodeRecord, type RecordName, type RecordValue } from './records.js';

/** Something that the server did on a connection: it sent a frame, or closed the connection. */
export type Incoming =
  | { kind: 'reply'; header: RecordValue; body: RecordValue | RecordValue[] | null; extra: string; bytes: Buffer }
  | { kind: 'event'; header: RecordValue; body: RecordValue; extra: string; bytes: Buffer }
  | { kind: 'unreadable'; bytes: Buffer }
  | { kind: 'closed' };

export interface Session {
  id: bigint;
  password: Buffer;
}

export interface ConnectOptions {
  session?: Session;
  timeoutMs?: number;
  lastZxidSeen?: number;
  /** If this is set to undefined, the request omits the field, as clients up to 3.3 do. */
  readOnly?: boolean | undefined;
}

const patienceMs = 15_000;

/** A client connection that sends requests and records everything that the server does. It never pings by itself. */
export class RawConnection {
  /** What has arrived, in order, except what `call` or `takeIncoming` has already returned. */
  readonly incoming: Incoming[] = [];
  session: Session = { id: 0n, password: Buffer.alloc(16) };
  /**
   * The reply to the handshake. Null until the reply arrives, and forever if the server closes the connection without a
   * reply.
   */
  connectResponse: RecordValue | null = null;
  handshakeBytes: { request: Buffer; reply: Buffer } | null = null;
  closed = false;
  private received: Buffer = Buffer.alloc(0);
  private readonly pending: { xid: number; request: Request }[] = [];
  private wake: (() => void) | null = null;
  private nextXid = 1;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.take(chunk));
    socket.on('error', () => {}); // 'close' follows a reset
    socket.on('close', () => {
      this.closed = true;
      this.incoming.push({ kind: 'closed' });
      this.wake?.();
    });
  }

  /**
   * Connects, sends the handshake and waits for the reply. If the server closes the connection without a reply,
   * `closed` is set.
   */
  static async open(port: number, options: ConnectOptions = {}): Promise<RawConnection> {
    const connection = new RawConnection(connect(port, '127.0.0.1'));
    const request = encodeRecord('ConnectRequest', {
      protocolVersion: 0,
      lastZxidSeen: options.lastZxidSeen ?? 0,
      timeOut: options.timeoutMs ?? 30_000,
      sessionId: options.session?.id ?? 0n,
      passwd: options.session?.password ?? Buffer.alloc(16),
      readOnly: options.readOnly ?? false,
    });
    const oldStyle = 'readOnly' in options && options.readOnly === undefined;
    const frame = withLength(oldStyle ? request.subarray(0, -1) : request);
    connection.handshakeBytes = { request: frame, reply: Buffer.alloc(0) };
    connection.socket.write(frame);
    await connection.until(() => connection.connectResponse !== null || connection.closed, 'the handshake');
    return connection;
  }

  /**
   * Sends bytes in place of a handshake. Returns everything that arrives until the server closes the connection (at
   * most 15 s).
   */
  static openRaw(port: number, bytes: Buffer): Promise<Buffer> {
    return new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
      const chunks: Buffer[] = [];
      socket.setTimeout(patienceMs, () => socket.destroy());
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.on('error', () => {}); // 'close' follows a reset
      socket.on('close', () => resolve(Buffer.concat(chunks)));
    });
  }

  /**
   * Sends a request and returns its xid. Pings and auth packets have fixed xids, and every other request gets the next
   * number.
   */
  send(request: Request, xid: number = this.pickXid(request)): number {
    this.pending.push({ xid, request });
    this.socket.write(encodeFrame(xid, request));
    return xid;
  }

  /** Sends bytes unchanged, without adding a length prefix. */
  sendRaw(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** Waits until every request has a reply or the connection is closed. */
  async settled(): Promise<void> {
    await this.until(() => this.pending.length === 0 || this.closed, 'a reply');
  }

  async untilClosed(): Promise<void> {
    await this.until(() => this.closed, 'the server to close the connection');
  }

  /** Sends one request, waits for its reply and returns it. Notifications stay in `incoming`. */
  async call(request: Request): Promise<Incoming & { kind: 'reply' }> {
    const xid = this.send(request);
    await this.settled();
    const index = this.incoming.findIndex((item) => item.kind === 'reply' && item.header.xid === xid);
    if (index < 0) throw new Error(`${request.operation}: the connection was closed instead of a reply`);
    return this.incoming.splice(index, 1)[0] as Incoming & { kind: 'reply' };
  }

  /** Sends a request as `call` does, and returns the body of the reply. Throws if the reply has an error code. */
  async must(request: Request): Promise<RecordValue> {
    const reply = await this.call(request);
    if (reply.header.err !== 0) {
      throw new Error(`${request.operation} ${String(request.value?.path ?? '')}: error ${reply.header.err}`);
    }
    return reply.body as RecordValue;
  }

  takeIncoming(): Incoming[] {
    return this.incoming.splice(0);
  }

  /** Closes the socket without sending closeSession. */
  destroy(): void {
    this.socket.destroy();
  }

  private pickXid(request: Request): number {
    if (request.operation === 'ping') return -2;
    if (request.operation === 'auth') return -4;
    return this.nextXid++;
  }

  /**
   * Removes the request that belongs to a reply. Replies come in the order of the requests, but a reply to a ping or an
   * auth packet may overtake other replies.
   */
  private takePending(xid: number): Request | undefined {
    const index = this.pending.findIndex((item) => item.xid === xid);
    return this.pending.splice(Math.max(0, index), 1)[0]?.request;
  }

  private async until(done: () => boolean, what: string): Promise<void> {
    const deadline = setTimeout(() => this.wake?.(), patienceMs);
    const end = Date.now() + patienceMs;
    while (!done()) {
      if (Date.now() >= end) throw new Error(`waited ${patienceMs / 1000} s for ${what}`);
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    clearTimeout(deadline);
  }

  private take(chunk: Buffer): void {
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    while (this.received.length >= 4) {
      const end = 4 + this.received.readInt32BE(0);
      if (this.received.length < end) break;
      this.takeFrame(this.received.subarray(4, end));
      this.received = this.received.subarray(end);
    }
    this.wake?.();
  }

  private takeFrame(bytes: Buffer): void {
    if (this.connectResponse === null) {
      const complete = bytes.length === 36 ? Buffer.concat([bytes, Buffer.from([0])]) : bytes;
      const response = decodeRecord('ConnectResponse', { bytes: complete, position: 0 });
      this.connectResponse = response;
      this.session = { id: response.sessionId as bigint, password: Buffer.from(response.passwd as Buffer) };
      this.handshakeBytes!.reply = bytes;
      return;
    }
    try {
      this.incoming.push(this.decode(bytes));
    } catch {
      this.incoming.push({ kind: 'unreadable', bytes });
    }
  }

  private decode(bytes: Buffer): Incoming {
    const cursor: Cursor = { bytes, position: 0 };
    const header = decodeRecord('ReplyHeader', cursor);
    const extra = () => bytes.subarray(cursor.position).toString('hex');
    if (header.xid === -1) {
      const body = decodeRecord('WatcherEvent', cursor);
      return { kind: 'event', header, body, extra: extra(), bytes };
    }
    const request = this.takePending(header.xid as number);
    const body = header.err === 0 && cursor.position < bytes.length ? decodeReply(request, cursor) : null;
    return { kind: 'reply', header, body, extra: extra(), bytes };
  }
}

function decodeReply(request: Request | undefined, cursor: Cursor): RecordValue | RecordValue[] | null {
  if (request === undefined) return null;
  if (request.operation === 'multi' || request.operation === 'multiRead') return decodeMulti(cursor);
  const record: RecordName | null = operations[request.operation].reply;
  return record === null ? null : decodeRecord(record, cursor);
}
