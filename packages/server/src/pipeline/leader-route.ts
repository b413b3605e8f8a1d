import type { Reader } from '@nodekeeper/protocol';
import type { Connection } from '../net/connection.js';
import { PendingSync } from '../net/lane.js';
import type { LeaderGate } from '../zab/replica.js';
import { LocalRoute } from './local-route.js';
import type { ServerCore } from './server-core.js';

/** The way of the leader's own clients: as if it were alone, but for what needs the others' word. */
export class LeaderRoute extends LocalRoute {
  readonly #core: ServerCore;
  readonly #gate: LeaderGate;

  constructor(core: ServerCore, gate: LeaderGate) {
    super(core);
    this.#core = core;
    this.#gate = gate;
  }

  override openSession(connection: Connection): void {
    super.openSession(connection);
    connection.session!.owner = this.#core.owner;
  }

  override resumeSession(connection: Connection, sessionId: bigint): void {
    const session = this.#core.sessions.get(sessionId);
    if (session !== undefined) session.owner = this.#core.owner;
    super.resumeSession(connection, sessionId);
  }

  override sync(connection: Connection, xid: number, body: Reader): boolean {
    const core = this.#core;
    const sync = new PendingSync(xid, core.nowMs, body.ustring());
    connection.lane.pushSync(sync);
    this.#gate.sync(() => core.intake.synced(connection, sync));
    return true;
  }
}
