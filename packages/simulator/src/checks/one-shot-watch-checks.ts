import { ErrorCode, EventType, type OpName, zxidHex } from '@nodekeeper/protocol';
import type { Reply } from '@nodekeeper/server/testing';
import type { World } from '../world/world.js';
import { type ChangeKind, eventFor, type Model } from './model.js';

/** The kind of a one-shot watch. The kind selects the events that the watch receives. */
type WatchKind = 'data' | 'exist' | 'child';

interface Armed {
  readonly kind: WatchKind;
  readonly path: string;
  /** The zxid at which the watch was registered. The first change after this zxid fires the watch. */
  sinceZxid: number;
  /** True if the client has sent the watch to a new connection, and has not received the reply to setWatches yet. */
  isMoving: boolean;
}

const changesFor: Record<WatchKind, readonly ChangeKind[]> = {
  data: ['created', 'deleted', 'changed'],
  exist: ['created', 'deleted', 'changed'],
  child: ['deleted', 'children'],
};

/**
 * Checks the one-shot watches of one client. Each watch must receive the first change after its registration, exactly
 * once. It must receive the change before the client reads a newer state.
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

  /** Called when the reply to a read with a watch has arrived. Adds the watch that the read has registered. */
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

  /** Called when the client changes its connection. The client asks for the events after `zxid`. */
  move(zxid: number): void {
    for (const watch of this.armed) {
      watch.sinceZxid = Math.max(watch.sinceZxid, zxid);
      watch.isMoving = true;
    }
  }

  event(type: number, path: string, zxid: number): void {
    const meant = this.armed.filter((watch) => watch.path === path && isFor(watch.kind, type));
    // setWatches causes events with a negative zxid; the server sends a separate event for each kind of watch
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
    // after a move, the event shows only the latest state of the node, so it may differ from the first change
    if (watch.isMoving) return;
    this.#world.demand(change.zxid === zxid && eventFor[change.kind] === type, 'WatchExactness', () => {
      return `${where()}, but ${change.kind} at ${zxidHex(change.zxid)} is the first change`;
    });
  }

  /** Called when a reply shows the tree at this zxid. The client must have received all events up to this zxid. */
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

  /**
   * Called when the reply to setWatches arrives. If a node has changed during the move, its watch must have fired. All
   * other watches are registered again.
   */
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

  /**
   * True if the tree still shows a change that must fire the watch. A node that was created and deleted leaves no trace
   * (C-3).
   */
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
