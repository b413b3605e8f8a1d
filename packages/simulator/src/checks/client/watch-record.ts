import type { WatchKind } from '@nodekeeper/client/testing';
import { EventType } from '@nodekeeper/protocol';
import type { Trigger } from './trigger-log.js';

/** One registration of one callback. */
export class WatchRecord {
  /** The zxid at which the server registered the watch. It is undefined until the client has received the reply. */
  registeredAt: number | undefined;
  kind: WatchKind;
  /** Removed, forgotten, or ended with its session. It receives no more events. */
  isDead = false;
  shots = 0;
  /** A persistent watch has received all events up to this trigger. */
  toldZxid = 0;
  toldIndex = 0;
  /** An event is missing or out of order. Only `PossiblyMissed` can make up for it. */
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

  /** True if the trigger is for this watch (spec 7.5.2). */
  readonly wants = ({ type, path }: Trigger): boolean => {
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
  };

  toString(): string {
    return `watch ${this.number} (${this.kind} ${this.path}, registered at ${this.registeredAt})`;
  }
}

/** True if `path` is `ancestor` or below it. */
function isWithin(path: string, ancestor: string): boolean {
  return ancestor === '/' || path === ancestor || path.startsWith(`${ancestor}/`);
}
