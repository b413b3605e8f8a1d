import {
  type ConnectRequest,
  type ConnectResponse,
  codecByName,
  type MultiResult,
  type OpName,
  opByNumber,
  opTable,
  Reader,
  readConnectRequest,
  readMultiRequest,
  readRequestHeader,
  Writer,
  writeConnectResponse,
  writeMultiResponse,
  writeReplyHeader,
  writeWatcherEvent,
  Xid,
} from '@nodekeeper/protocol';
import { operations } from '../../src/core/operation.js';
import { ClientRequest, type Failure, type WatchRequest } from '../../src/core/request.js';
import { Session } from '../../src/core/session.js';
import type { SessionOptions } from '../../src/core/session-types.js';
import { type ManualLink, ManualPorts } from './manual-ports.js';

export interface SentRequest {
  readonly xid: number;
  readonly op: OpName;
  readonly body: unknown;
}

export const password = Buffer.alloc(16, 7);
export const stat = {
  czxid: 1,
  mzxid: 1,
  ctime: 0,
  mtime: 0,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: 0n,
  dataLength: 0,
  numChildren: 0,
  pzxid: 1,
};

/** A session whose server is the test. The watchers of the session are strings. */
export class TestSession {
  readonly ports: ManualPorts;
  readonly session: Session<string>;
  /** The session events and watch events so far, in order. */
  readonly told: string[] = [];
  onEvent: (event: string) => void = () => {};

  constructor(options: Partial<SessionOptions> = {}, random?: () => number) {
    this.ports = new ManualPorts(random);
    const defaults: SessionOptions = {
      servers: [
        { host: 'a', port: 2181 },
        { host: 'b', port: 2181 },
        { host: 'c', port: 2181 },
      ],
      shuffle: false,
      sessionTimeoutMs: 3000,
      reconnectDelay: { base: 100, max: 2000 },
      readOnly: false,
      renewSession: false,
      sessionId: 0n,
      password: Buffer.alloc(0),
      requestBytesMax: 1024 * 1024,
      replyBytesMax: 1024 * 1024,
      autoWatchReset: true,
      lastXid: 0,
    };
    this.session = new Session<string>({ ...defaults, ...options }, this.ports, {
      sessionEvent: (event) => {
        this.told.push(event);
        this.onEvent(event);
      },
      watchEvent: (watchers, type, path, zxid) => {
        this.told.push(`${[...watchers].join('+')}: ${type} ${path} ${zxid}`);
      },
      watchesInterrupted: (zxid) => this.told.push(`interrupted ${zxid}`),
    });
  }

  get link(): ManualLink {
    return this.ports.link;
  }

  /** Starts the session, and sends the connect response of the first server. */
  connected(response: Partial<ConnectResponse> = {}): this {
    this.session.start();
    this.accept(response);
    return this;
  }

  /**
   * Accepts the most recent connection and sends the connect response. Returns the messages that the client sent before
   * it got this response.
   */
  accept(response: Partial<ConnectResponse> = {}): { greeting: ConnectRequest; behind: SentRequest[] } {
    this.link.connect();
    const first = this.hello();
    this.link.receive(welcome(response));
    return first;
  }

  /** Returns the messages that the client sends before it gets the connect response. */
  hello(): { greeting: ConnectRequest; behind: SentRequest[] } {
    const [first, ...rest] = framesOf(this.link.take());
    return { greeting: readConnectRequest(new Reader(first!)), behind: rest.map(readRequest) };
  }

  /** Returns the messages that the client has sent since the last call. */
  sent(): SentRequest[] {
    return framesOf(this.link.take()).map(readRequest);
  }

  sentOps(): string[] {
    return this.sent().map(({ op }) => op);
  }

  /** Moves the clock forward until the session makes the next attempt to connect. */
  waitForDial(): void {
    const before = this.ports.links.length;
    for (let waited = 0; this.ports.links.length === before; waited += 10) {
      if (waited > 60_000) throw new Error('nothing was dialled');
      this.ports.scheduler.advance(10);
    }
  }

  /** Closes the connection, accepts the next one, and sends the connect response. */
  reconnect(response: Partial<ConnectResponse> = {}): { greeting: ConnectRequest; behind: SentRequest[] } {
    this.link.close('lost');
    this.waitForDial();
    return this.accept(response);
  }

  request(name: OpName, body: unknown, watch?: WatchRequest<string>): TestRequest {
    const request = new TestRequest(name, body, watch);
    this.session.submit(request);
    this.ports.scheduler.runTurns();
    return request;
  }

  get(path: string, watcher?: string): TestRequest {
    const watch = watcher === undefined ? undefined : ({ kind: 'data', watcher } as const);
    return this.request('getData', { path, watch: watch !== undefined }, watch);
  }

  addWatch(path: string, watcher: string): TestRequest {
    return this.request('addWatch', { path, mode: 1 }, { kind: 'recursive', watcher });
  }

  /** Answers a request that the client has sent. With an error code, `response` is ignored. */
  answer(request: TestRequest, zxid: number, response: unknown = {}, err = 0): void {
    this.link.receive(reply(request.xid, zxid, err, request.operation.name, response));
  }

  /** Sends a watch event to the client. */
  event(type: number, path: string, zxid: number): void {
    this.link.receive(notification(type, path, zxid));
  }
}

interface Seen {
  ends: number;
  data: string | undefined;
}

/**
 * A request that counts how often it ends. It copies the data of its reply, because the received bytes are valid only
 * during the call.
 */
export class TestRequest extends ClientRequest<string> {
  readonly #seen: Seen;

  constructor(name: OpName, body: unknown, watch?: WatchRequest<string>, done: () => void = () => {}) {
    const path = (body as { path?: string } | undefined)?.path;
    const seen: Seen = { ends: 0, data: undefined };
    super(operations[name], path, body, watch, ({ response }) => {
      seen.ends++;
      if (name === 'getData' && response !== undefined) seen.data = String((response as { data: Buffer }).data);
      done();
    });
    this.#seen = seen;
  }

  get ends(): number {
    return this.#seen.ends;
  }

  get data(): string | undefined {
    return this.#seen.data;
  }

  /** The state of the request as text: `CODE, outcome` after a failure, `ok` after a success, otherwise `waits`. */
  get end(): string {
    if (!this.finished) return 'waits';
    return this.failure === undefined ? 'ok' : failureText(this.failure);
  }
}

export function failureText({ code, outcome }: Failure): string {
  return `${code}, ${outcome}`;
}

// ---- frames

export function frame(write: (writer: Writer) => void): Buffer {
  const writer = new Writer();
  writer.int(0);
  write(writer);
  writer.bytes.writeInt32BE(writer.position - 4, 0);
  return Buffer.from(writer.view());
}

export function welcome(response: Partial<ConnectResponse> = {}): Buffer {
  const defaults = { protocolVersion: 0, timeOut: 3000, sessionId: 0x77n, passwd: password, readOnly: false };
  return frame((writer) => writeConnectResponse(writer, { ...defaults, ...response }));
}

export function reply(xid: number, zxid: number, err: number, op?: OpName, response?: unknown): Buffer {
  return frame((writer) => {
    writeReplyHeader(writer, { xid, zxid, err });
    const record = op === undefined ? null : opTable[op].response;
    if (err !== 0 || record === null) return;
    if (record === 'multi') writeMultiResponse(writer, response as readonly MultiResult[]);
    else codecByName(record).write(writer, response);
  });
}

export function notification(type: number, path: string, zxid: number): Buffer {
  return frame((writer) => {
    writeReplyHeader(writer, { xid: Xid.notification, zxid, err: 0 });
    writeWatcherEvent(writer, { type, state: 3, path });
  });
}

export function framesOf(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readInt32BE(at);
    frames.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return frames;
}

function readRequest(bytes: Buffer): SentRequest {
  const reader = new Reader(bytes);
  const { xid, type } = readRequestHeader(reader);
  const op = opByNumber(type)!.name;
  const { request } = opTable[op];
  const body = request === 'multi' ? readMultiRequest(reader) : request && codecByName(request).read(reader);
  return { xid, op, body };
}
