import { ErrorCode, EventType, type OpName, zxidHex } from '@nodekeeper/protocol';
import type { Reply } from '@nodekeeper/server/testing';
import type { World } from '../world/world.js';
import { type ChangeKind, eventFor, type Model } from './model.js';

/** Selects the event that a watch receives. */
type WatchKind = 'data' | 'exist' | 'child';

interface Armed {
  readonly kind: WatchKind;
  readonly path: string;
  /** The zxid at which the watch was registered. The first later change fires it. */
  sinceZxid: number;
  /** The client has sent it to a new connection, and the reply to setWatches has not arrived yet. */
  isMoving: boolean;
}

const changesFor: Record<WatchKind, readonly ChangeKind[]> = {
  data: ['created', 'deleted', 'changed'],
  exist: ['created', 'deleted', 'changed'],
  child: ['deleted', 'children'],
};

/**
 * One client's one-shot watches. Each receives the first change after its registration, once, before any newer read.
 */
export class OneShotWatchChecks {
  armed: Armed[] = [];
  eventsChecked = 0;
  readonly #world: World;
  readonly #model: Model;
  readonly #client: string;

  constructor(world: World, model: Model, client: string) {
    this.#world = world;
    this.#model = model;
    this.#client = client;
  }

  leave(kind: WatchKind, path: string, sinceZxid: number): void {
    this.armed.push({ kind, path, sinceZxid, isMoving: false });
  }

  /** The reply to a read with a watch has arrived. */
  leftBy(op: OpName, path: string, { err, zxid }: Reply): void {
    if (op === 'exists') this.leave(err === ErrorCode.OK ? 'data' : 'exist', path, zxid);
    else if (err === ErrorCode.OK) this.leave(op === 'getData' ? 'data' : 'child', path, zxid);
  }

  pathsOf(kind: WatchKind): string[] {
    return [...new Set(this.armed.filter((watch) => watch.kind === kind).map(({ path }) => path))];
  }

  drop(): void {
    this.armed = [];
  }

  /** The client changes its connection and asks for the events after `zxid`. */
  move(zxid: number): void {
    for (const watch of this.armed) {
      watch.sinceZxid = Math.max(watch.sinceZxid, zxid);
      watch.isMoving = true;
    }
  }

  event(type: number, path: string, zxid: number): void {
    const meant = this.armed.filter((watch) => watch.path === path && isFor(watch.kind, type));
    // each list of setWatches reports its missed events separately
    const kind = meant[0]?.kind;
    const fired = zxid < 0 ? meant.filter((watch) => watch.kind === kind) : meant;
    this.#world.demand(fired.length > 0, 'WatchExactness', () => {
      return `${this.#client} receives event ${type} at ${path}, ${zxidHex(zxid)}, but has no such watch`;
    });
    for (const watch of fired) this.#checkFired(watch, type, zxid);
    this.armed = this.armed.filter((watch) => !fired.includes(watch));
    this.eventsChecked++;
  }

  #checkFired(watch: Armed, type: number, zxid: number): void {
    const change = this.#model.firstChange(watch.path, watch.sinceZxid, changesFor[watch.kind]);
    const where = () => {
      return `${this.#client} receives event ${type} at ${watch.path}, ${zxidHex(zxid)}, but watches it since ${zxidHex(watch.sinceZxid)}`;
    };
    if (change === undefined) this.#world.violate('WatchExactness', `${where()}, but nothing has changed`);
    // a late notification, of the final state
    if (watch.isMoving) return;
    this.#world.demand(change.zxid === zxid && eventFor[change.kind] === type, 'WatchExactness', () => {
      return `${where()}, but ${change.kind} at ${zxidHex(change.zxid)} is the first change`;
    });
  }

  /** A reply from the tree at this zxid: the client must have received all events up to it. */
  seen(zxid: number): void {
    for (const watch of this.armed) {
      if (watch.isMoving) continue;
      const change = this.#model.firstChange(watch.path, watch.sinceZxid, changesFor[watch.kind]);
      this.#world.demand(change === undefined || change.zxid > zxid, 'WatchExactness', () => {
        const what = `${change!.kind} at ${zxidHex(change!.zxid)}`;
        return `${this.#client} reads at ${zxidHex(zxid)} but was not notified that ${watch.path} was ${what}`;
      });
    }
  }

  /** The reply to setWatches: the watches that changed in between have fired, and the others are registered. */
  moved(zxid: number): void {
    for (const watch of this.armed) {
      if (!watch.isMoving) continue;
      this.#world.demand(!this.#shows(watch, zxid), 'WatchExactness', () => {
        return `${this.#client} moved its ${watch.kind} watch of ${watch.path} from ${zxidHex(watch.sinceZxid)} but received no event at ${zxidHex(zxid)}`;
      });
      watch.isMoving = false;
      watch.sinceZxid = Math.max(watch.sinceZxid, zxid);
    }
  }

  /** True if the change is visible later. A node that was created and deleted leaves no trace (C-3). */
  #shows({ kind, path, sinceZxid }: Armed, zxid: number): boolean {
    const node = this.#model.at(path, zxid);
    if (kind === 'exist') return node !== undefined;
    if (node === undefined) return true;
    return (kind === 'data' ? node.mzxid : node.pzxid) > sinceZxid;
  }
}

function isFor(kind: WatchKind, type: number): boolean {
  if (type === EventType.nodeDeleted) return true;
  return (type === EventType.nodeChildrenChanged) === (kind === 'child');
}
