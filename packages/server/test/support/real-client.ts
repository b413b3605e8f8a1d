import net from 'node:net';
import type { OpName } from '@nodekeeper/protocol';
import { type ConnectOptions, connectFrame, type Reply, requestFrame, WireReader } from '../../src/testing/wire.js';

/** A client on a real socket. */
export class RealClient {
  readonly socket: net.Socket;
  readonly wire = new WireReader();
  isClosed = false;
  readonly closed: Promise<void>;
  #xid = 0;
  #wake: () => void = () => {};

  private constructor(socket: net.Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      this.wire.push(bytes);
      this.#wake();
    });
    this.closed = new Promise((done) => {
      socket.on('close', () => {
        this.isClosed = true;
        this.#wake();
        done();
      });
    });
  }

  /** Opens a connection without opening a session. */
  static async open(port: number): Promise<RealClient> {
    const socket = net.connect({ port, host: '127.0.0.1' });
    await new Promise<void>((done, fail) => {
      socket.once('connect', done);
      socket.once('error', fail);
    });
    return new RealClient(socket);
  }

  static async connect(port: number, options: ConnectOptions = {}): Promise<RealClient> {
    const client = await RealClient.open(port);
    client.socket.write(connectFrame(options));
    await client.until(() => client.wire.messages.length > 0);
    client.wire.messages.length = 0;
    return client;
  }

  /** Resolves when the condition is true. Rejects if the connection closes first. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.isClosed) throw new Error('the server closed the connection');
      await new Promise<void>((done) => {
        this.#wake = done;
      });
    }
  }

  send(op: OpName, request?: unknown): number {
    const xid = ++this.#xid;
    this.wire.asked(xid, op);
    this.socket.write(requestFrame(xid, op, request));
    return xid;
  }

  replies(): Reply[] {
    const replies: Reply[] = [];
    for (const message of this.wire.messages) if (message.kind === 'reply') replies.push(message.reply);
    this.wire.messages.length = 0;
    return replies;
  }

  async call(op: OpName, request?: unknown): Promise<Reply> {
    const xid = this.send(op, request);
    const find = () => this.wire.messages.find((message) => message.kind === 'reply' && message.reply.xid === xid);
    await this.until(() => find() !== undefined);
    const found = find()!;
    this.wire.messages.splice(this.wire.messages.indexOf(found), 1);
    return (found as { reply: Reply }).reply;
  }

  /** Sends these pieces on a new connection. Returns everything that the server sends before the connection closes. */
  static async exchange(port: number, pieces: readonly (string | Buffer)[], halfClose = false): Promise<string> {
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const chunks: Buffer[] = [];
    socket.on('data', (bytes) => chunks.push(bytes));
    const ended = new Promise<void>((done) => {
      for (const event of ['end', 'close', 'error']) socket.once(event, () => done());
    });
    await new Promise((done) => socket.once('connect', done));
    socket.setNoDelay(true);
    for (const piece of pieces) {
      await new Promise((done) => socket.write(piece, done));
      if (pieces.length > 1) await new Promise((done) => setTimeout(done, 2));
    }
    if (halfClose) socket.end();
    await ended;
    socket.destroy();
    return Buffer.concat(chunks).toString();
  }

  destroy(): void {
    this.socket.destroy();
  }
}
