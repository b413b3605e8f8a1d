import { describeIncoming, SessionNames } from '../raw/comparable.js';
import { type Incoming, RawConnection, type Session } from '../raw/connection.js';
import type { Request } from '../raw/operations.js';

/** A step of the run. Both servers get the same steps. */
export type Step =
  | { kind: 'requests'; slot: number; requests: Request[]; closes?: boolean }
  | { kind: 'open'; slot: number; timeoutMs: number; oldStyle: boolean }
  | { kind: 'reattach'; slot: number; wrongPassword: boolean; drop: boolean; timeoutMs: number; lastZxidSeen: number }
  | { kind: 'bytes'; slot: number; bytes: Buffer }
  | { kind: 'barrier' };

/** What one server did in a step, as text. Two servers that behave alike give equal lines. */
export type Observation = string[];

/** One of the two servers, with the run's connections to this server. */
export class Side {
  private readonly slots: (RawConnection | null)[];
  private readonly sessions = new SessionNames();
  /** The zxids of the transactions that closed a session. */
  private readonly closings = new Set<bigint>();
  /** What the server sent in the last step. The generator learns from it. */
  lastIncoming: Incoming[] = [];

  constructor(
    readonly port: number,
    slotCount: number,
  ) {
    this.slots = Array.from({ length: slotCount }, () => null);
  }

  isOpen(slot: number): boolean {
    const connection = this.slots[slot];
    return connection !== null && connection !== undefined && !connection.closed;
  }

  async perform(step: Step): Promise<Observation> {
    switch (step.kind) {
      case 'requests':
        return this.sendRequests(step);
      case 'open':
        return this.openSlot(step.slot, {
          timeoutMs: step.timeoutMs,
          ...(step.oldStyle ? { readOnly: undefined } : {}),
        });
      case 'reattach':
        return this.reattach(step);
      case 'bytes':
        return this.sendBytes(step);
      case 'barrier':
        return this.barrier();
    }
  }

  closeAll(): void {
    for (const connection of this.slots) connection?.destroy();
  }

  private async sendRequests(step: Step & { kind: 'requests' }): Promise<Observation> {
    const connection = this.slots[step.slot]!;
    for (const request of step.requests) connection.send(request);
    await connection.settled();
    if (step.closes === true) await connection.untilClosed();
    if (step.requests[0]?.operation === 'closeSession') {
      const reply = connection.incoming.findLast((item) => item.kind === 'reply');
      if (reply !== undefined) this.closings.add(reply.header.zxid as bigint);
    }
    return this.take(step.slot);
  }

  private async openSlot(
    slot: number,
    options: { session?: Session; timeoutMs: number; readOnly?: undefined; lastZxidSeen?: number },
  ): Promise<Observation> {
    const connection = await RawConnection.open(this.port, options);
    this.slots[slot] = connection;
    const response = connection.connectResponse;
    if (response === null) return ['closed instead of a handshake'];
    const name = this.sessions.add(connection.session.id);
    if (connection.session.id === 0n) await connection.untilClosed();
    const length = connection.handshakeBytes!.reply.length;
    return [`connected ${name} timeOut ${response.timeOut} version ${response.protocolVersion} length ${length}`];
  }

  /**
   * Resumes the session of a slot on a new connection. With `drop`, the old connection is closed before the new one is
   * opened, otherwise afterwards.
   */
  private async reattach(step: Step & { kind: 'reattach' }): Promise<Observation> {
    const old = this.slots[step.slot]!;
    const before = step.drop ? [] : await this.flush(step.slot);
    if (step.drop) old.destroy();
    const password = step.wrongPassword ? Buffer.alloc(16, 7) : old.session.password;
    const session = { id: old.session.id, password };
    const { timeoutMs, lastZxidSeen } = step;
    const opened = await this.openSlot(step.slot, { session, timeoutMs, lastZxidSeen });
    // If a server refuses the handshake because of `lastZxidSeen`, it leaves the old connection open. No step uses the
    // old connection any more.
    if (!step.drop) old.destroy();
    return [...before, ...opened];
  }

  private async sendBytes(step: Step & { kind: 'bytes' }): Promise<Observation> {
    const connection = this.slots[step.slot]!;
    connection.sendRaw(step.bytes);
    await connection.untilClosed();
    return this.take(step.slot);
  }

  private async barrier(): Promise<Observation> {
    const lines: string[] = [];
    for (const [slot, connection] of this.slots.entries()) {
      if (connection !== null) lines.push(...(await this.flush(slot)));
    }
    return lines;
  }

  /** Sends a ping and waits for its reply. Then everything that the server sent before that reply has arrived. */
  private async flush(slot: number): Promise<Observation> {
    const connection = this.slots[slot]!;
    if (!connection.closed) {
      connection.send({ operation: 'ping' });
      await connection.settled();
    }
    return this.take(slot);
  }

  private take(slot: number): Observation {
    this.lastIncoming = this.slots[slot]!.takeIncoming();
    const lines = this.lastIncoming.map((item) => `slot ${slot} ${describeIncoming(item, this.sessions)}`);
    return this.withClosingsAsSets(lines);
  }

  /**
   * Sorts the events that the end of one session caused. A server deletes the ephemeral nodes of a session in the order
   * of a hash set, so the order of these events is not compared.
   */
  private withClosingsAsSets(lines: string[]): string[] {
    const closing = (index: number): bigint | null => {
      const item = this.lastIncoming[index];
      const zxid = item?.kind === 'event' ? (item.header.zxid as bigint) : null;
      return zxid !== null && this.closings.has(zxid) ? zxid : null;
    };
    const sorted: string[] = [];
    for (let start = 0; start < lines.length; ) {
      const zxid = closing(start);
      let end = start + 1;
      while (zxid !== null && closing(end) === zxid) end++;
      sorted.push(...lines.slice(start, end).toSorted());
      start = end;
    }
    return sorted;
  }
}
