import type { WatchKind } from '@nodekeeper/client/testing';
import { EventType } from '@nodekeeper/protocol';
import type { Trigger } from './trigger-log.js';

/** One registration of one callback. */
export class WatchRecord {
  /** The zxid at which the server registered the watch. It is undefined until the client has received the reply. */
  registeredAt: number | undefined;
  kind: WatchKind;
  /** True if the watch was removed or forgotten, or if its session has ended. The watch must receive no more events. */
  isDead = false;
  shots = 0;
  /** The watch waits for all triggers with a higher zxid than this one. */
  toldZxid = 0;
  /** Of the triggers with the zxid `toldZxid`, the watch waits only for those with a higher index than this one. */
  toldIndex = 0;
  /** True if an event was missing or out of order. The watch must then receive `PossiblyMissed`. */
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
