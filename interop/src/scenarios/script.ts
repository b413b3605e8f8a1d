import { fourLetterWord } from '../peers/index.js';
import { describeIncoming, SessionNames } from '../raw/comparable.js';
import { type ConnectOptions, type Incoming, RawConnection } from '../raw/connection.js';
import type { OperationName, Request } from '../raw/operations.js';
import type { RecordValue } from '../raw/records.js';

/** Runs a scenario on one server and records the results. Two servers that behave alike give equal transcripts. */
export class Script {
  readonly transcript: string[] = [];
  readonly sessions = new SessionNames();
  private readonly connections: RawConnection[] = [];

  constructor(readonly port: number) {}

  note(line: string): void {
    this.transcript.push(line);
  }

  async open(name: string, options: ConnectOptions = {}): Promise<RawConnection> {
    const connection = await RawConnection.open(this.port, options);
    this.connections.push(connection);
    const { connectResponse, session, handshakeBytes } = connection;
    if (connectResponse === null) {
      await connection.untilClosed();
      this.note(`${name}: closed instead of a handshake`);
      return connection;
    }
    const length = handshakeBytes!.reply.length;
    this.note(`${name}: ${this.sessions.add(session.id)}, timeOut ${connectResponse.timeOut}, length ${length}`);
    return connection;
  }

  /** Sends a request, waits for its reply, and records everything that arrives until then. */
  async ask(name: string, connection: RawConnection, operation: OperationName, value?: RecordValue): Promise<void> {
    const request: Request = { operation, ...(value === undefined ? {} : { value }) };
    connection.send(request);
    await connection.settled();
    this.note(`${name}: ${operation} ${String(value?.path ?? '')}`);
    this.take(name, connection);
  }

  create(name: string, connection: RawConnection, path: string, flags = 0): Promise<void> {
    return this.ask(name, connection, 'create', { path, data: Buffer.from('data'), acl: world, flags });
  }

  /**
   * Records what has arrived on a connection since the last call. Replies to pings are left out, because their number
   * depends on the clock.
   */
  take(name: string, connection: RawConnection): void {
    for (const item of connection.takeIncoming().filter((item) => !isPing(item))) {
      this.note(`${name}:   ${describeIncoming(item, this.sessions)}`);
    }
  }

  /**
   * Sends pings, which keep the session alive, until `done` returns true. Returns false after `limitMs`, or if the
   * connection is closed.
   */
  async pingUntil(connection: RawConnection, done: () => boolean, limitMs: number): Promise<boolean> {
    const end = Date.now() + limitMs;
    while (!done()) {
      if (Date.now() > end || connection.closed) return false;
      connection.send({ operation: 'ping' });
      await connection.settled();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return true;
  }

  async word(word: string): Promise<string> {
    return this.sessions.inText(await fourLetterWord(this.port, word));
  }

  closeAll(): void {
    for (const connection of this.connections) connection.destroy();
  }
}

const world: RecordValue[] = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];

const isPing = (item: Incoming): boolean => item.kind === 'reply' && item.header.xid === -2;

const isEvent = (item: Incoming): boolean => item.kind === 'event';

/** Takes all notifications and records them in sorted order, because the server may send them in any order. */
export function noteEvents(script: Script, connection: RawConnection): void {
  const events = connection.takeIncoming().filter(isEvent);
  script.note(
    events
      .map((item) => (item.kind === 'event' ? `${item.body.path} ${item.body.type}` : ''))
      .toSorted()
      .join(),
  );
}

/** The number of notifications for paths under `prefix` that have arrived and have not been taken yet. */
export function eventsUnder(connection: RawConnection, prefix: string): number {
  return connection.incoming.filter((item) => item.kind === 'event' && String(item.body.path).startsWith(prefix))
    .length;
}
