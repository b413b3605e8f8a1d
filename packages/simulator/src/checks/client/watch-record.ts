import type { WatchKind } from '@nodekeeper/client/testing';
import { EventType } from '@nodekeeper/protocol';
import type { Trigger } from './trigger-log.js';

/** One registration of one callback. */
export class WatchRecord {
  /** The zxid at which the server left it; undefined until the client has heard so. */
  registeredAt: number | undefined;
  kind: WatchKind;
  /** Removed, forgotten, or ended with its session: it is told nothing any more. */
  isDead = false;
  shots = 0;
  /** A persistent watch was told of everything up to this trigger. */
  toldZxid = 0;
  toldIndex = 0;
  /** An event is missing or came out of order; only `PossiblyMissed` makes up for it. */
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
    return `watch ${this.number} (${this.kind} ${this.path}, left at ${this.registeredAt})`;
  }
}

/** Whether `path` is `ancestor` or below it. */
function isWithin(path: string, ancestor: string): boolean {
  return ancestor === '/' || path === ancestor || path.startsWith(`${ancestor}/`);
}
