import { type ConnectResponse, EventType, errorName, type OpName, zxidHex } from '@nodekeeper/protocol';
import { connectFrame, type Incoming, type Reply } from '../../src/testing/wire.js';
import type { TestClient } from '../support/test-client.js';
import type { TestMember } from '../support/test-ensemble.js';

const timeoutMs = 4000;
const eventNames = new Map<number, string>(Object.entries(EventType).map(([name, type]) => [type, name]));

interface Connection {
  readonly client: TestClient;
  /** The name of the server that the client is connected to. */
  readonly server: string;
  /** The texts of the requests in flight, by xid. */
  readonly asked: Map<number, string>;
}

/** A named client with one session. The client may move its session to another server. */
export class ScenarioClient {
  readonly #add: (line: string) => void;
  #connection: Connection | undefined;
  /** The reply of the last server that accepted the session. */
  #session: ConnectResponse | undefined;

  constructor(
    readonly name: string,
    add: (line: string) => void,
  ) {
    this.#add = add;
  }

  get isConnected(): boolean {
    return this.#connection !== undefined && !this.#connection.client.isClosed;
  }

  get hasSession(): boolean {
    return this.#session !== undefined;
  }

  /** Connects to a server. Any older connection stays open, as after a network failure. */
  connect(member: TestMember): void {
    const { name } = member;
    this.#add(`${this.name} -> ${name} connect${this.hasSession ? ` session=${this.name}` : ''}`);
    const connection: Connection = { client: member.open(), server: name, asked: new Map() };
    this.#connection = connection;
    if (connection.client.isClosed) this.#add(`${this.name} <- ${name} connection refused`);
    this.#listen(connection);
    const { sessionId = 0n, passwd = Buffer.alloc(16) } = this.#session ?? {};
    connection.client.raw(connectFrame({ timeoutMs, sessionId, passwd }));
  }

  #listen(connection: Connection): void {
    const { client, server } = connection;
    const { onClose } = client.connection;
    client.connection.receive = (bytes) => {
      client.wire.push(bytes);
      for (const message of client.wire.messages.splice(0)) this.#received(connection, message);
    };
    client.connection.onClose = () => {
      onClose();
      this.#add(`${this.name} <- ${server} connection closed`);
    };
  }

  request(op: OpName, request: unknown, about: string): void {
    const { client, server, asked } = this.#connection!;
    const text = about === '' ? op : `${op} ${about}`;
    this.#add(`${this.name} -> ${server} ${text}`);
    asked.set(client.send(op, request), text);
  }

  disconnect(): void {
    const { client, server } = this.#connection!;
    this.#add(`${this.name} -> ${server} connection closed`);
    client.connection.disconnect();
    client.isClosed = true;
  }

  #received({ server, asked }: Connection, message: Incoming): void {
    const from = `${this.name} <- ${server}`;
    if (message.kind === 'connected') this.#add(`${from} ${this.#connected(message.response)}`);
    else if (message.kind === 'event')
      this.#add(`${from} event ${eventNames.get(message.event.type)} ${message.event.path}`);
    else this.#add(`${from} ${asked.get(message.reply.xid)}: ${replyText(message.reply)}`);
  }

  #connected(response: ConnectResponse): string {
    if (response.sessionId === 0n) return 'session is over';
    const isNew = !this.hasSession;
    this.#session = response;
    return isNew ? `session opened, timeout ${response.timeOut} ms` : 'session goes on';
  }
}

/**
 * Formats a reply for the trace: its error, its data if it has data, and its zxid. The trace shows no other content.
 */
function replyText({ err, zxid, body }: Reply): string {
  const data = Buffer.isBuffer(body?.data) ? ` "${body.data}"` : '';
  return `${errorName(err)}${data} zxid=${zxidHex(zxid)}`;
}
