import {
  type ConnectResponse,
  codecByName,
  type MultiOp,
  type MultiResult,
  OpCode,
  type OpName,
  opTable,
  Reader,
  type ReplyHeader,
  readConnectResponse,
  readMultiResponse,
  readReplyHeader,
  readWatcherEvent,
  type WatcherEvent,
  Writer,
  writeConnectRequest,
  writeMultiRequest,
  Xid,
} from '@nodekeeper/protocol';

/** Encodes a frame: an int with the length, followed by the bytes that `write` writes. */
export function frame(write: (writer: Writer) => void): Buffer {
  const writer = new Writer(256);
  writer.int(0);
  write(writer);
  writer.bytes.writeInt32BE(writer.position - 4, 0);
  return Buffer.from(writer.view());
}

export interface ConnectOptions {
  readonly timeoutMs?: number;
  readonly sessionId?: bigint;
  readonly passwd?: Buffer | null;
  readonly lastZxidSeen?: number;
  /** If undefined, the request ends without the byte `readOnly`, as the requests of 3.3 clients do. */
  readonly readOnly?: boolean | undefined;
}

export function connectFrame(options: ConnectOptions = {}): Buffer {
  const { timeoutMs = 10_000, sessionId = 0n, passwd = Buffer.alloc(16), lastZxidSeen = 0 } = options;
  const readOnly = 'readOnly' in options ? options.readOnly : false;
  return frame((writer) => {
    writeConnectRequest(writer, {
      protocolVersion: 0,
      lastZxidSeen,
      timeOut: timeoutMs,
      sessionId,
      passwd,
      readOnly: readOnly ?? false,
    });
    if (readOnly === undefined) writer.position -= 1;
  });
}

export function requestFrame(xid: number, op: OpName | number, request?: unknown): Buffer {
  return frame((writer) => {
    writer.int(xid);
    writer.int(typeof op === 'number' ? op : OpCode[op]);
    if (typeof op === 'number') {
      if (request instanceof Uint8Array) writer.raw(request);
      return;
    }
    const record = opTable[op].request;
    if (request instanceof Uint8Array) writer.raw(request);
    else if (record === 'multi') writeMultiRequest(writer, request as MultiOp[]);
    else if (record !== null && request !== undefined) codecByName(record).write(writer, request);
  });
}

/** A decoded reply. `body` is undefined if the reply has no body. */
export interface Reply extends ReplyHeader {
  // biome-ignore lint/suspicious/noExplicitAny: the test knows which record it requested
  readonly body: any;
  readonly bodyBytes: Buffer;
}

export type Incoming =
  | { readonly kind: 'connected'; readonly response: ConnectResponse; readonly frameBytes: number }
  | { readonly kind: 'event'; readonly event: WatcherEvent; readonly zxid: number }
  | { readonly kind: 'reply'; readonly reply: Reply };

/**
 * Splits the server's output into messages and decodes them. Call `asked` for each request, because a reply does not
 * contain the type of its request.
 */
export class WireReader {
  readonly messages: Incoming[] = [];
  #left: Buffer = Buffer.alloc(0);
  #connected = false;
  /**
   * The operations asked so far, by xid. Requests with the same xid are answered in the order in which they were sent.
   */
  readonly #asked = new Map<number, OpName[]>();

  asked(xid: number, op: OpName): void {
    const known = this.#asked.get(xid);
    if (known === undefined) this.#asked.set(xid, [op]);
    else known.push(op);
  }

  push(bytes: Buffer): void {
    let all = this.#left.length === 0 ? bytes : Buffer.concat([this.#left, bytes]);
    while (all.length >= 4 && all.length >= 4 + all.readInt32BE(0)) {
      const length = all.readInt32BE(0);
      this.messages.push(this.#message(all.subarray(4, 4 + length)));
      all = all.subarray(4 + length);
    }
    this.#left = all;
  }

  #message(payload: Buffer): Incoming {
    if (!this.#connected) {
      this.#connected = true;
      const padded = payload.length === 36 ? Buffer.concat([payload, Buffer.alloc(1)]) : payload;
      return { kind: 'connected', response: readConnectResponse(new Reader(padded)), frameBytes: payload.length };
    }
    const reader = new Reader(payload);
    const header = readReplyHeader(reader);
    if (header.xid === Xid.notification) return { kind: 'event', event: readWatcherEvent(reader), zxid: header.zxid };
    const bodyBytes = Buffer.from(payload.subarray(reader.position));
    const op = this.#asked.get(header.xid)?.shift();
    return { kind: 'reply', reply: { ...header, body: bodyOf(op, header.err, reader), bodyBytes } };
  }
}

function bodyOf(op: OpName | undefined, err: number, reader: Reader): unknown {
  if (op === undefined || err !== 0) return undefined;
  const record = opTable[op].response;
  if (record === null || reader.remaining === 0) return undefined;
  if (record === 'multi') return readMultiResponse(reader) satisfies MultiResult[];
  return codecByName(record).read(reader);
}
