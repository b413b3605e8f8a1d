import assert from 'node:assert/strict';
import {
  type ACL,
  type ConnectResponse,
  CreateFlag,
  type MultiOp,
  type OpName,
  Perm,
  type WatcherEvent,
  Xid,
} from '@nodekeeper/protocol';
import { type ConnectOptions, connectFrame, type Reply, requestFrame, WireReader } from '../../src/testing/wire.js';
import type { SimulatedConnection } from './simulated-network.js';

export const openAcl: ACL[] = [{ perms: Perm.ALL, id: { scheme: 'world', id: 'anyone' } }];

interface TestServerHandle {
  settle(): void;
}

/**
 * A client with one connection. Its requests reach the server, and the replies reach the client, when `settle` is
 * called.
 */
export class TestClient {
  readonly connection: SimulatedConnection;
  readonly wire = new WireReader();
  response: ConnectResponse | undefined;
  isClosed = false;
  readonly #server: TestServerHandle;
  #xid = 0;

  constructor(server: TestServerHandle, connection: SimulatedConnection) {
    this.#server = server;
    this.connection = connection;
    connection.receive = (bytes) => this.wire.push(bytes);
    connection.onClose = () => {
      this.isClosed = true;
    };
    if (!connection.open) this.isClosed = true;
  }

  get sessionId(): bigint {
    return this.response!.sessionId;
  }

  /** Opens or resumes a session. Returns undefined if the server closed the connection without a response. */
  connect(options: ConnectOptions = {}): ConnectResponse | undefined {
    this.connection.send(connectFrame(options));
    this.#server.settle();
    this.response = this.takeConnected()?.response;
    return this.response;
  }

  takeConnected() {
    const index = this.wire.messages.findIndex((message) => message.kind === 'connected');
    if (index < 0) return undefined;
    const message = this.wire.messages.splice(index, 1)[0]!;
    assert(message.kind === 'connected');
    return message;
  }

  raw(bytes: Uint8Array): void {
    this.connection.send(bytes);
  }

  /** Sends a request without waiting for its reply. Returns the xid of the request. */
  send(op: OpName, request?: unknown, xid = ++this.#xid): number {
    this.wire.asked(xid, op);
    this.connection.send(requestFrame(xid, op, request));
    return xid;
  }

  /**
   * Sends a request and returns its reply. Discards earlier replies that the test has not taken. Keeps events for
   * `events()`.
   */
  call(op: OpName, request?: unknown, xid?: number): Reply {
    const sent = this.send(op, request, xid);
    this.#server.settle();
    const reply = this.replies().find((candidate) => candidate.xid === sent);
    assert(reply !== undefined, `no reply to ${op}${this.isClosed ? ': the connection is closed' : ''}`);
    return reply;
  }

  /** Takes the replies that have arrived since the last call. */
  replies(): Reply[] {
    const replies: Reply[] = [];
    this.#take('reply', (message) => replies.push((message as { reply: Reply }).reply));
    return replies;
  }

  /** Takes the events that have arrived since the last call. */
  events(): (WatcherEvent & { zxid: number })[] {
    const events: (WatcherEvent & { zxid: number })[] = [];
    this.#take('event', (message) => {
      const { event, zxid } = message as { event: WatcherEvent; zxid: number };
      events.push({ ...event, zxid });
    });
    return events;
  }

  /** Takes all messages in the order in which they arrived, as short texts such as `reply 3` and `event 1 /a`. */
  story(): string[] {
    const story = this.wire.messages.map((message) => {
      if (message.kind === 'reply') return `reply ${message.reply.xid}`;
      if (message.kind === 'event') return `event ${message.event.type} ${message.event.path}`;
      return 'connected';
    });
    this.wire.messages.length = 0;
    return story;
  }

  #take(kind: 'reply' | 'event', each: (message: unknown) => void): void {
    const { messages } = this.wire;
    const kept = messages.filter((message) => message.kind !== kind);
    for (const message of messages) if (message.kind === kind) each(message);
    messages.splice(0, messages.length, ...kept);
  }

  // ---- the usual requests

  create(path: string, data: string | null = '', options: { flags?: number; acl?: ACL[] | null } = {}): Reply {
    return this.call('create', createRequest(path, data, options));
  }

  set(path: string, data: string | null, version = -1): Reply {
    return this.call('setData', { path, data: data === null ? null : Buffer.from(data), version });
  }

  get(path: string, watch = false): Reply {
    return this.call('getData', { path, watch });
  }

  text(path: string): string | undefined {
    const reply = this.get(path);
    return reply.err === 0 ? (reply.body.data?.toString() ?? 'null') : undefined;
  }

  delete(path: string, version = -1): Reply {
    return this.call('delete', { path, version });
  }

  exists(path: string, watch = false): Reply {
    return this.call('exists', { path, watch });
  }

  children(path: string, watch = false): string[] | undefined {
    const reply = this.call('getChildren', { path, watch });
    return reply.err === 0 ? [...reply.body.children].sort() : undefined;
  }

  multi(...ops: MultiOp[]): Reply {
    return this.call('multi', ops);
  }

  auth(scheme: string, auth: string): Reply {
    return this.call('auth', { type: 0, scheme, auth: Buffer.from(auth) }, Xid.auth);
  }

  ping(): Reply {
    return this.call('ping', undefined, Xid.ping);
  }

  close(): Reply {
    return this.call('closeSession');
  }

  disconnect(): void {
    this.connection.disconnect();
    this.isClosed = true;
    this.#server.settle();
  }
}

export function createRequest(
  path: string | null,
  data: string | null = '',
  options: { flags?: number; acl?: ACL[] | null } = {},
) {
  const { flags = CreateFlag.PERSISTENT, acl = openAcl } = options;
  return { path, data: data === null ? null : Buffer.from(data), acl, flags };
}
