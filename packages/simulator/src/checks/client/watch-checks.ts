import type { WatchEvent, WatchKind } from '@nodekeeper/client/testing';
import { EventType } from '@nodekeeper/protocol';
import type { Blame, History } from './history.js';
import type { Trigger } from './trigger-log.js';
import { WatchRecord } from './watch-record.js';

const typeNames: Record<number, string> = {
  [EventType.nodeCreated]: 'NodeCreated',
  [EventType.nodeDeleted]: 'NodeDeleted',
  [EventType.nodeDataChanged]: 'NodeDataChanged',
  [EventType.nodeChildrenChanged]: 'NodeChildrenChanged',
};

/** Compares the events that the watches of one client session receive with the changes that were committed. */
export class WatchChecks {
  readonly records: WatchRecord[] = [];
  eventsChecked = 0;
  /** Watches that are registered and can still receive events. */
  readonly #live = new Set<WatchRecord>();
  #wasConnectionLost = false;

  constructor(
    private readonly history: History,
    private readonly blame: Blame,
  ) {}

  make(kind: WatchKind, path: string): WatchRecord {
    const record = new WatchRecord(this.records.length, kind, path);
    this.records.push(record);
    return record;
  }

  get live(): Iterable<WatchRecord> {
    return this.#live;
  }

  registered(record: WatchRecord, zxid: number, kind: WatchKind): void {
    record.registeredAt = zxid;
    record.kind = kind;
    record.toldZxid = zxid;
    record.toldIndex = Number.POSITIVE_INFINITY;
    this.#live.add(record);
  }

  died(record: WatchRecord): void {
    record.isDead = true;
    this.#live.delete(record);
  }

  /**
   * Called when a connection is lost. `keepsOneShot` is false for a client that does not register its one-shot watches
   * again.
   */
  connectionLost(keepsOneShot: boolean): void {
    this.#wasConnectionLost = true;
    if (!keepsOneShot) for (const record of [...this.#live]) if (record.isOneShot) this.died(record);
  }

  sessionOver(): void {
    for (const record of [...this.#live]) this.died(record);
  }

  fired(record: WatchRecord, event: WatchEvent): void {
    if (event.type.endsWith('Removed')) return;
    this.eventsChecked++;
    if (record.isDead) this.#fault(`${record} is removed but received ${event.type}`);
    if (record.registeredAt === undefined) this.#fault(`${record} was never registered but received ${event.type}`);
    if (record.isOneShot) this.#firedOnce(record, event);
    else this.#firedAgain(record, event);
  }

  #firedOnce(record: WatchRecord, event: WatchEvent): void {
    if (++record.shots > 1) this.#fault(`${record} fired twice, the second time with ${event.type} ${event.path}`);
    this.#live.delete(record);
    if (event.type === 'PossiblyMissed') {
      if (record.kind !== 'exists') this.#fault(`${record} missed nothing but received PossiblyMissed`);
      this.#demandLoss(record);
      return;
    }
    const due = this.#next(record);
    if (due === undefined) this.#fault(`${record} fired with ${event.type} ${event.path}, but nothing has happened`);
    if (event.zxid < 0 || this.#isLaterCreation(record, event)) return;
    if (event.zxid !== due.zxid || event.type !== typeNames[due.type]) {
      this.#fault(
        `${record} fired with ${event.type} of ${event.zxid}, but ${typeNames[due.type]} of ${due.zxid} is due`,
      );
    }
  }

  /**
   * True if the client was rightly notified of a later creation of the node instead of the first one (C-3). A client
   * without a connection is not notified of a node that is created and deleted. It is notified of the next creation.
   */
  #isLaterCreation(record: WatchRecord, { zxid }: WatchEvent): boolean {
    if (record.kind !== 'exists' || !this.#wasConnectionLost) return false;
    return this.history.triggers.has(zxid, record.wants);
  }

  #demandLoss(record: WatchRecord): void {
    if (!this.#wasConnectionLost) this.#fault(`${record} received PossiblyMissed, but no connection was lost`);
  }

  #firedAgain(record: WatchRecord, event: WatchEvent): void {
    if (event.type === 'PossiblyMissed') {
      this.#demandLoss(record);
      record.hasGap = false;
      record.toldZxid = Math.max(record.toldZxid, event.zxid);
      record.toldIndex = Number.POSITIVE_INFINITY;
      return;
    }
    if (event.zxid < 0) {
      // a negative zxid means that setWatches caused this event for a one-shot watch on the same path; the persistent
      // watch received it too
      record.hasGap = true;
      return;
    }
    let due = this.#next(record);
    while (due !== undefined && due.zxid < event.zxid) {
      record.hasGap = true;
      this.#told(record, due);
      due = this.#next(record);
    }
    if (due?.zxid !== event.zxid || typeNames[due.type] !== event.type || due.path !== event.path) {
      const expected = due && `${typeNames[due.type]} ${due.path} of ${due.zxid}`;
      this.#fault(`${record} received ${event.type} ${event.path} of ${event.zxid}, but ${expected} is due`);
    }
    this.#told(record, due);
  }

  #told(record: WatchRecord, { zxid, index }: Trigger): void {
    record.toldZxid = zxid;
    record.toldIndex = index;
  }

  /** The next trigger that the watch must receive, up to `untilZxid`. */
  #next(record: WatchRecord, untilZxid = this.history.lastZxid): Trigger | undefined {
    return this.history.triggers.next(record.toldZxid, record.toldIndex, untilZxid, record.wants);
  }

  /**
   * Called before the client sees the state of a server at this zxid. The client must have received all events up to
   * this zxid.
   */
  revealed(zxid: number): void {
    for (const record of this.#live) this.#demandTold(record, zxid, `before a reply that shows ${zxid}`);
  }

  /** Every watch must have received all its events. Called when no message is in flight and the client is connected. */
  atTheEnd(): void {
    for (const record of this.#live) this.#demandTold(record, this.history.lastZxid, 'and never will be');
  }

  #demandTold(record: WatchRecord, zxid: number, when: string): void {
    if (record.isOneShot && record.shots > 0) return;
    const due = this.#next(record, zxid);
    if (due !== undefined) {
      this.#fault(`${record} did not receive ${typeNames[due.type]} ${due.path} of ${due.zxid} ${when}`);
    }
    if (record.hasGap) this.#fault(`${record} did not receive PossiblyMissed ${when}`);
  }

  #fault(what: string): never {
    return this.blame('WatchKept', what);
  }
}
