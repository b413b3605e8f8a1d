/**
 * The client side of one connection, with as little work per reply as Node.js allows. It reads only the length and the
 * header of a reply, and allocates nothing. All connections share one read buffer.
 */
import { connect, type Socket } from 'node:net';
import { closeFrame, connectFrame, patchXid, XID_OFFSET } from './frames.js';

const HEAD_BYTES = 20; // length, xid, zxid (8 bytes), error
const SESSION_TIMEOUT_MS = 30_000;
const CLOSE_XID = 0x7fffff00;
/** One buffer is enough for all connections, because the bytes of each read are handled before the next read. */
const readBuffer = Buffer.allocUnsafeSlow(256 * 1024);

export abstract class WireConnection {
  readonly socket: Socket;
  failure: Error | undefined;
  /** The time (performance.now) at which the current chunk arrived. */
  protected now = 0;
  private readonly head = Buffer.alloc(HEAD_BYTES);
  private headBytes = 0;
  private bodyLeft = 0;
  private xid = 0;
  private error = 0;
  private isOpen = false;
  private isClosing = false;
  private opened!: () => void;
  private refused!: (error: Error) => void;
  private closed: (() => void) | undefined;

  constructor(port: number) {
    this.socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: { buffer: readBuffer, callback: (length, bytes) => this.onBytes(length, bytes as Buffer) },
    });
    this.socket.on('error', (error) => this.onEnd(error));
    this.socket.on('close', () => this.onEnd(new Error('The server closed the connection.')));
  }

  /** Connects and opens a session. Rejects if the server refuses the connection or the session. */
  open(): Promise<this> {
    return new Promise((resolve, reject) => {
      this.opened = () => resolve(this);
      this.refused = reject;
      this.socket.write(connectFrame(SESSION_TIMEOUT_MS));
    });
  }

  /**
   * Closes the session, so that the server does not have to expire it later. Waits at most one second for the server.
   */
  close(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.socket.destroy(), 1000);
      this.closed = () => {
        clearTimeout(timer);
        resolve();
      };
      this.isClosing = true;
      if (this.socket.destroyed) return this.closed();
      const frame = closeFrame();
      patchXid(frame, XID_OFFSET, CLOSE_XID);
      this.socket.write(frame);
    });
  }

  protected abstract onReply(xid: number, error: number): void;
  protected abstract onChunkEnd(): void;
  protected abstract onFailure(error: Error): void;

  private onEnd(error: Error): void {
    if (this.isClosing) {
      this.closed?.();
    } else if (!this.failure) {
      this.failure = error;
      if (this.isOpen) this.onFailure(error);
      else this.refused(error);
    }
  }

  private onBytes(length: number, bytes: Buffer): boolean {
    this.now = performance.now();
    let at = 0;
    while (at < length) {
      if (this.bodyLeft > 0) {
        const taken = Math.min(this.bodyLeft, length - at);
        this.bodyLeft -= taken;
        at += taken;
        if (this.bodyLeft > 0) break;
        this.finish();
      } else if (this.headBytes === 0 && length - at >= HEAD_BYTES) {
        this.onHead(bytes, at);
        at += HEAD_BYTES;
      } else {
        const taken = Math.min(HEAD_BYTES - this.headBytes, length - at);
        bytes.copy(this.head, this.headBytes, at, at + taken);
        this.headBytes += taken;
        at += taken;
        if (this.headBytes < HEAD_BYTES) break;
        this.headBytes = 0;
        this.onHead(this.head, 0);
      }
    }
    this.onChunkEnd();
    return true;
  }

  private onHead(bytes: Buffer, at: number): void {
    const length = readInt(bytes, at);
    this.xid = readInt(bytes, at + 4);
    this.error = readInt(bytes, at + 16);
    this.bodyLeft = length - (HEAD_BYTES - 4);
    if (this.bodyLeft < 0) {
      this.bodyLeft = 0;
      this.onEnd(new Error(`A reply of ${length} bytes is shorter than its header.`));
      this.socket.destroy();
    }
    if (!this.isOpen) this.error = readInt(bytes, at + 8); // the negotiated timeout, or 0 if the session is refused
    if (this.bodyLeft === 0) this.finish();
  }

  private finish(): void {
    if (this.isOpen) {
      if (!this.isClosing) this.onReply(this.xid, this.error);
      else if (this.xid === CLOSE_XID) this.socket.destroy();
    } else if (this.error <= 0) {
      this.onEnd(new Error('The server refused the session.'));
    } else {
      this.isOpen = true;
      this.opened();
    }
  }
}

function readInt(bytes: Buffer, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
