/**
 * The floor: a bare Node.js server that answers with correctly framed bytes and does none of a ZooKeeper server's work.
 * It has no sessions, versions, ACLs, watch rules, zxids, checksums or snapshots.
 * The floor answers reads from a Map. It collects writes in a batch, appends the batch to a file, calls fdatasync and
 * then answers the writes. While one sync is in flight, the next batch is collected. A server that does the real work
 * can at best come close to the floor's numbers.
 *
 * Usage: node floor.js <port> <directory>
 */
import { fdatasync, openSync, write } from 'node:fs';
import { createServer, Socket, type SocketConstructorOpts } from 'node:net';
import { join } from 'node:path';
import { Op } from './frames.js';

const STAT_BYTES = 68;
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);
const NO_NODE = -101;
/** At this size, the log continues at the start of its file, so that a long run does not fill the disk. */
const FILE_BYTES = 2 ** 30;
const connectReply = replyBytes(4 + 37);
connectReply.writeInt32BE(30_000, 8);
connectReply.writeBigInt64BE(1n, 12);
connectReply.writeInt32BE(16, 20);
const eventFrame = eventBytes('/bench/k0000');

const nodes = new Map<string, Buffer>();
const watchers = new Map<string, Set<Client>>();

class Client {
  /** The bytes of a frame that has not arrived completely. */
  private partial: Buffer | undefined;
  private isOpen = false;
  private out = Buffer.allocUnsafe(64 * 1024);
  private outBytes = 0;
  private waitingFrames = 0;

  readonly socket: Socket;

  constructor(accepted: Socket) {
    this.socket = withSharedReads(accepted, (chunk) => this.onBytes(chunk));
    this.socket.on('error', () => this.socket.destroy());
  }

  private onBytes(chunk: Buffer): void {
    const bytes = this.partial ? Buffer.concat([this.partial, chunk]) : chunk;
    let at = 0;
    while (bytes.length - at >= 4) {
      const end = at + 4 + bytes.readInt32BE(at);
      if (end > bytes.length) break;
      this.onFrame(bytes, at, end);
      at = end;
    }
    this.partial = at < bytes.length ? Buffer.from(bytes.subarray(at)) : undefined;
    this.flush();
  }

  private onFrame(bytes: Buffer, at: number, end: number): void {
    if (!this.isOpen) {
      this.isOpen = true;
      this.append(connectReply);
      return;
    }
    const type = bytes.readInt32BE(at + 8);
    const isWrite = type === Op.setData || type === Op.create;
    // Replies keep the order of their requests. If an earlier write is not answered yet, a read is therefore answered
    // with the write's batch.
    if (isWrite || this.waitingFrames > 0) {
      this.waitingFrames += 1;
      log.append(this, bytes, at, end);
    } else {
      this.answer(bytes, at, type);
    }
  }

  private answer(frame: Buffer, at: number, type: number): void {
    if (type === Op.getData) this.onGet(frame, at);
    else if (type === Op.setData || type === Op.create) this.onWrite(frame, at, type);
    else this.reply(frame, at, 0, 0);
  }

  private onGet(bytes: Buffer, at: number): void {
    const pathBytes = bytes.readInt32BE(at + 12);
    const path = bytes.toString('latin1', at + 16, at + 16 + pathBytes);
    if (bytes[at + 16 + pathBytes] === 1) watch(path, this);
    const data = nodes.get(path);
    if (data) this.append(data, bytes, at);
    else this.reply(bytes, at, NO_NODE, 0);
  }

  /** Called when the batch that contains this request is on disk. Answers the request. */
  onDurable(frame: Buffer, at: number): void {
    this.waitingFrames -= 1;
    this.answer(frame, at, frame.readInt32BE(at + 8));
    toFlush.add(this);
  }

  private onWrite(frame: Buffer, at: number, type: number): void {
    const pathBytes = frame.readInt32BE(at + 12);
    const path = frame.toString('latin1', at + 16, at + 16 + pathBytes);
    const dataAt = at + 20 + pathBytes;
    nodes.set(path, getReply(frame.subarray(dataAt, dataAt + frame.readInt32BE(at + 16 + pathBytes))));
    const watching = watchers.get(path);
    if (watching) {
      watchers.delete(path);
      for (const client of watching) {
        client.append(eventFrame);
        client.flush();
      }
    }
    this.reply(frame, at, 0, type === Op.create ? 4 + pathBytes : STAT_BYTES);
  }

  private reply(request: Buffer, at: number, error: number, bodyBytes: number): void {
    const start = this.reserve(20 + bodyBytes);
    this.out.fill(0, start, start + 20 + bodyBytes);
    this.out.writeInt32BE(16 + bodyBytes, start);
    request.copy(this.out, start + 4, at + 4, at + 8);
    this.out.writeInt32BE(error, start + 16);
  }

  private append(reply: Buffer, request?: Buffer, at = 0): void {
    const start = this.reserve(reply.length);
    reply.copy(this.out, start);
    if (!request) return;
    this.out[start + 4] = request[at + 4]!;
    this.out[start + 5] = request[at + 5]!;
    this.out[start + 6] = request[at + 6]!;
    this.out[start + 7] = request[at + 7]!;
  }

  private reserve(length: number): number {
    const start = this.outBytes;
    if (start + length > this.out.length) {
      const grown = Buffer.allocUnsafe(2 * (start + length));
      this.out.copy(grown, 0, 0, start);
      this.out = grown;
    }
    this.outBytes = start + length;
    return start;
  }

  flush(): void {
    if (this.outBytes === 0 || this.socket.destroyed) return;
    this.socket.write(this.out.subarray(0, this.outBytes));
    this.outBytes = 0;
    // If the kernel did not take all bytes at once, the socket still uses the old buffer.
    if (this.socket.writableLength > 0) this.out = Buffer.allocUnsafe(64 * 1024);
  }
}

/**
 * Makes accepted sockets read into one shared buffer. Node.js offers that (`onread`) only for outgoing sockets, and
 * allocates 64 KiB for every read of an accepted socket. This function therefore moves the handle of the accepted
 * socket into a new socket with `onread`.
 */
function withSharedReads(accepted: Socket, onBytes: (chunk: Buffer) => void): Socket {
  const holder = accepted as unknown as { _handle: unknown };
  const handle = holder._handle;
  holder._handle = null;
  accepted.destroy();
  const callback = (length: number, bytes: Uint8Array) => {
    onBytes((bytes as Buffer).subarray(0, length));
    return true;
  };
  const options = { handle, onread: { buffer: readBuffer, callback } };
  return new Socket(options as SocketConstructorOpts).resume();
}

/** A log with group commit: writes that arrive during a sync go into the next sync. */
class Log {
  private readonly file: number;
  private position = 0;
  private pending = Buffer.allocUnsafe(1 << 20);
  private spare = Buffer.allocUnsafe(1 << 20);
  private pendingBytes = 0;
  private owners: Client[] = [];
  private isSyncing = false;
  private isScheduled = false;

  constructor(path: string) {
    this.file = openSync(path, 'w');
  }

  append(client: Client, bytes: Buffer, at: number, end: number): void {
    const length = end - at;
    if (this.pendingBytes + length > this.pending.length) {
      const grown = Buffer.allocUnsafe(2 * (this.pendingBytes + length));
      this.pending.copy(grown, 0, 0, this.pendingBytes);
      this.pending = grown;
    }
    bytes.copy(this.pending, this.pendingBytes, at, end);
    this.pendingBytes += length;
    this.owners.push(client);
    if (this.isSyncing || this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.commit();
    });
  }

  private commit(): void {
    if (this.pendingBytes === 0) return;
    this.isSyncing = true;
    const { pending: batch, pendingBytes: length, owners } = this;
    this.pending = this.spare;
    this.pendingBytes = 0;
    this.owners = [];
    if (this.position + length > FILE_BYTES) this.position = 0;
    write(this.file, batch, 0, length, this.position, (error) => {
      if (error) throw error;
      fdatasync(this.file, (syncError) => {
        if (syncError) throw syncError;
        this.isSyncing = false;
        this.answer(batch, length, owners);
        this.spare = batch;
        this.commit();
      });
    });
    this.position += length;
  }

  private answer(batch: Buffer, length: number, owners: readonly Client[]): void {
    let at = 0;
    for (let index = 0; at < length; index++) {
      owners[index]!.onDurable(batch, at);
      at += 4 + batch.readInt32BE(at);
    }
    for (const client of toFlush) client.flush();
    toFlush.clear();
  }
}

const toFlush = new Set<Client>();

function watch(path: string, client: Client): void {
  let clients = watchers.get(path);
  if (!clients) watchers.set(path, (clients = new Set()));
  clients.add(client);
}

/** The complete frame of a reply to a get. Only the xid is filled in later. */
function getReply(data: Buffer): Buffer {
  const reply = replyBytes(20 + 4 + data.length + STAT_BYTES);
  reply.writeInt32BE(data.length, 20);
  data.copy(reply, 24);
  return reply;
}

function eventBytes(path: string): Buffer {
  const event = replyBytes(20 + 12 + path.length);
  event.fill(0xff, 4, 16);
  event.writeInt32BE(3, 20); // the event type NodeDataChanged
  event.writeInt32BE(3, 24); // the state SyncConnected
  event.writeInt32BE(path.length, 28);
  event.write(path, 32, 'latin1');
  return event;
}

function replyBytes(length: number): Buffer {
  const reply = Buffer.alloc(length);
  reply.writeInt32BE(length - 4);
  return reply;
}

const [port, directory] = process.argv.slice(2);
const log = new Log(join(directory!, 'floor.log'));
createServer({ noDelay: true, pauseOnConnect: true }, (socket) => new Client(socket)).listen({
  port: Number(port),
  host: '127.0.0.1',
  backlog: 1024,
});
process.once('SIGTERM', () => process.exit(0));
