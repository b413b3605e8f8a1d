import { ErrorCode, EventType, type OpName, zxidHex } from '@nodekeeper/protocol';
import type { Reply } from '@nodekeeper/server/testing';
import type { World } from '../world/world.js';
import { type ChangeKind, eventFor, type Model } from './model.js';

/** Whom an event is for, and what it tells. */
type WatchKind = 'data' | 'exist' | 'child';

interface Armed {
  readonly kind: WatchKind;
  readonly path: string;
  /** Left at this zxid: the first change after it is told. */
  sinceZxid: number;
  /** It was taken along to another connection, whose setWatches has not been answered yet. */
  isMoving: boolean;
}

const changesFor: Record<WatchKind, readonly ChangeKind[]> = {
  data: ['created', 'deleted', 'changed'],
  exist: ['created', 'deleted', 'changed'],
  child: ['deleted', 'children'],
};

/** One client's one-shot watches: each is told of the first change after it was left, once, before anything newer is read. */
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

  /** A read with a watch was answered. */
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

  /** On to another connection: what happened after `zxid` is asked for. */
  move(zxid: number): void {
    for (const watch of this.armed) {
      watch.sinceZxid = Math.max(watch.sinceZxid, zxid);
      watch.isMoving = true;
    }
  }

  event(type: number, path: string, zxid: number): void {
    const meant = this.armed.filter((watch) => watch.path === path && isFor(watch.kind, type));
    // of what was missed each list of setWatches tells for itself
    const kind = meant[0]?.kind;
    const fired = zxid < 0 ? meant.filter((watch) => watch.kind === kind) : meant;
    this.#world.demand(fired.length > 0, 'WatchExactness', () => {
      return `${this.#client} is told of event ${type} at ${path}, ${zxidHex(zxid)}, and has no such watch`;
    });
    for (const watch of fired) this.#checkFired(watch, type, zxid);
    this.armed = this.armed.filter((watch) => !fired.includes(watch));
    this.eventsChecked++;
  }

  #checkFired(watch: Armed, type: number, zxid: number): void {
    const change = this.#model.firstChange(watch.path, watch.sinceZxid, changesFor[watch.kind]);
    const where = () => {
      return `${this.#client} is told of event ${type} at ${watch.path}, ${zxidHex(zxid)}, where it watches since ${zxidHex(watch.sinceZxid)}`;
    };
    if (change === undefined) this.#world.violate('WatchExactness', `${where()}, and nothing has changed`);
    // told late, with what it has come to
    if (watch.isMoving) return;
    this.#world.demand(change.zxid === zxid && eventFor[change.kind] === type, 'WatchExactness', () => {
      return `${where()}, and ${change.kind} at ${zxidHex(change.zxid)} is the first change`;
    });
  }

  /** A reply from the tree at this zxid: whatever changed up to there has been told of. */
  seen(zxid: number): void {
    for (const watch of this.armed) {
      if (watch.isMoving) continue;
      const change = this.#model.firstChange(watch.path, watch.sinceZxid, changesFor[watch.kind]);
      this.#world.demand(change === undefined || change.zxid > zxid, 'WatchExactness', () => {
        const what = `${change!.kind} at ${zxidHex(change!.zxid)}`;
        return `${this.#client} reads at ${zxidHex(zxid)} and was not told that ${watch.path} was ${what}`;
      });
    }
  }

  /** The answer to setWatches: those that changed meanwhile have been told, the rest are in place. */
  moved(zxid: number): void {
    for (const watch of this.armed) {
      if (!watch.isMoving) continue;
      this.#world.demand(!this.#shows(watch, zxid), 'WatchExactness', () => {
        return `${this.#client} took its ${watch.kind} watch of ${watch.path} along from ${zxidHex(watch.sinceZxid)} and was told nothing at ${zxidHex(zxid)}`;
      });
      watch.isMoving = false;
      watch.sinceZxid = Math.max(watch.sinceZxid, zxid);
    }
  }

  /** What can be seen of a change afterwards: a node that came and went leaves no trace (C-3). */
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
