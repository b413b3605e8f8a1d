import { EventType } from '@nodekeeper/protocol';
import type { WatchKind } from '../../src/core/watch-registry.js';
import type { WatchEvent } from '../../src/watch-event.js';
import type { Ensemble } from './ensemble.js';
import { isWithin, type Trigger } from './tree.js';

/** One registration of one callback. */
export class WatchRecord {
  /** The zxid at which the server left it; undefined until the client has heard so. */
  registeredAt: number | undefined;
  kind: WatchKind;
  /** Taken off, forgotten, or gone with its session: nothing is owed to it. */
  isDead = false;
  shots = 0;
  /** A persistent watch was told of everything before this trigger. */
  toldZxid = 0;
  toldIndex = 0;
  /** Something is missing, or was told out of turn; only `PossiblyMissed` makes that good. */
  hasGap = false;

  constructor(
    readonly number: number,
    kind: WatchKind,
    readonly path: string,
  ) {
    this.kind = kind;
  }

  get isOneShot(): boolean {
    return this.kind !== 'persistent' && this.kind !== 'recursive';
  }

  /** Whether it is for this watch (inventory 7.5.2). */
  wants({ type, path }: Trigger): boolean {
    switch (this.kind) {
      case 'data':
        return path === this.path && (type === EventType.nodeDataChanged || type === EventType.nodeDeleted);
      case 'exists':
        return path === this.path && type === EventType.nodeCreated;
      case 'children':
        return path === this.path && (type === EventType.nodeChildrenChanged || type === EventType.nodeDeleted);
      case 'persistent':
        return path === this.path;
      case 'recursive':
        return type !== EventType.nodeChildrenChanged && isWithin(path, this.path);
    }
  }

  toString(): string {
    return `watch ${this.number} (${this.kind} ${this.path}, left at ${this.registeredAt})`;
  }
}

const typeNames: Record<number, string> = {
  [EventType.nodeCreated]: 'NodeCreated',
  [EventType.nodeDeleted]: 'NodeDeleted',
  [EventType.nodeDataChanged]: 'NodeDataChanged',
  [EventType.nodeChildrenChanged]: 'NodeChildrenChanged',
};

/** What the watches of one client are told, held against the log of the ensemble. */
export class WatchChecks {
  readonly records: WatchRecord[] = [];
  /** Registered and alive. */
  readonly #live = new Set<WatchRecord>();
  /** How often a connection that served was lost, and how far the log was each time. */
  #lossZxids: number[] = [];

  constructor(
    private readonly ensemble: Ensemble,
    private readonly fault: (what: string) => never,
  ) {}

  make(kind: WatchKind, path: string): WatchRecord {
    const record = new WatchRecord(this.records.length, kind, path);
    this.records.push(record);
    return record;
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

  /** `keepsOneShot` is false for a client that does not bring them along. */
  connectionLost(keepsOneShot: boolean): void {
    this.#lossZxids.push(this.ensemble.zxid);
    if (!keepsOneShot) for (const record of [...this.#live]) if (record.isOneShot) this.died(record);
  }

  sessionOver(): void {
    for (const record of [...this.#live]) this.died(record);
  }

  fired(record: WatchRecord, event: WatchEvent): void {
    if (event.type.endsWith('Removed')) return;
    if (record.isDead) this.fault(`${record} is gone and was told of ${event.type}`);
    if (record.registeredAt === undefined) this.fault(`${record} was never left and was told of ${event.type}`);
    if (record.isOneShot) this.#firedOnce(record, event);
    else this.#firedAgain(record, event);
  }

  #firedOnce(record: WatchRecord, event: WatchEvent): void {
    if (++record.shots > 1) this.fault(`${record} fired twice, the second time with ${event.type} ${event.path}`);
    this.#live.delete(record);
    if (event.type === 'PossiblyMissed') {
      if (record.kind !== 'exists') this.fault(`${record} is never missed, and was told that it may be`);
      this.#assertLossSince(record);
      return;
    }
    const due = this.#next(record);
    if (due === undefined) this.fault(`${record} fired with ${event.type} ${event.path}, and nothing has happened`);
    if (event.zxid < 0 || this.#isLaterCreation(record, event)) return;
    if (event.zxid !== due.zxid || event.type !== typeNames[due.type]) {
      this.fault(
        `${record} fired with ${event.type} of ${event.zxid} where ${typeNames[due.type]} of ${due.zxid} is due`,
      );
    }
  }

  /** C-3: a node that came and went while there was no server is not told of, but that it came again is. */
  #isLaterCreation(record: WatchRecord, { zxid }: WatchEvent): boolean {
    if (record.kind !== 'exists' || this.#lossZxids.length === 0) return false;
    return this.ensemble.log[zxid - 1]!.triggers.some((trigger) => record.wants(trigger));
  }

  #assertLossSince({ registeredAt }: WatchRecord): void {
    if (this.#lossZxids.length === 0)
      this.fault(`PossiblyMissed (left at ${registeredAt}), and no connection was lost`);
  }

  #firedAgain(record: WatchRecord, event: WatchEvent): void {
    if (event.type === 'PossiblyMissed') {
      this.#assertLossSince(record);
      record.hasGap = false;
      record.toldZxid = Math.max(record.toldZxid, event.zxid);
      record.toldIndex = Number.POSITIVE_INFINITY;
      return;
    }
    if (event.zxid < 0) {
      // what a one-shot watch on the same path is told after a reconnect
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
      this.fault(`${record} was told of ${event.type} ${event.path} of ${event.zxid} where ${expected} is due`);
    }
    this.#told(record, due);
  }

  #told(record: WatchRecord, due: { zxid: number; index: number }): void {
    record.toldZxid = due.zxid;
    record.toldIndex = due.index;
  }

  /** The next trigger in the log that the watch is to be told of. */
  #next(record: WatchRecord, untilZxid = this.ensemble.zxid): (Trigger & { zxid: number; index: number }) | undefined {
    for (let zxid = Math.max(1, record.toldZxid); zxid <= untilZxid; zxid++) {
      const { triggers } = this.ensemble.log[zxid - 1]!;
      const from = zxid === record.toldZxid ? record.toldIndex + 1 : 0;
      for (const [index, trigger] of triggers.entries()) {
        if (index >= from && record.wants(trigger)) return { ...trigger, zxid, index };
      }
    }
    return undefined;
  }

  /** The client is about to see what a server knew at this zxid: whatever happened until then must have been told. */
  revealed(zxid: number): void {
    for (const record of this.#live) this.#assertTold(record, zxid, `before a reply that shows ${zxid}`);
  }

  /** All is quiet, and the client is connected. */
  atTheEnd(): void {
    for (const record of this.#live) this.#assertTold(record, this.ensemble.zxid, 'and never will');
  }

  #assertTold(record: WatchRecord, zxid: number, when: string): void {
    if (record.isOneShot && record.shots > 0) return;
    const due = this.#next(record, zxid);
    if (due !== undefined) {
      this.fault(`${record} was not told of ${typeNames[due.type]} ${due.path} of ${due.zxid} ${when}`);
    }
    if (record.hasGap) this.fault(`${record} was not told ${when} that it may have missed something`);
  }
}
