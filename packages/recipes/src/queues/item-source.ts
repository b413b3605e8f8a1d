import { type WatchCallback, ZooKeeperError } from '@nodekeeper/client';
import type { Call, Caller } from '../foundation/call.js';
import { untilEvent } from '../foundation/until-event.js';
import type { Naming } from '../line/naming.js';
import { firstOnly, WaitingLine } from '../line/waiting-line.js';
import { ensureDirectory } from './directory.js';
import { type ItemName, type ItemNames, itemsAmong } from './item-names.js';

/** Where the items of a queue are, and in which order they come. */
interface SourceOptions {
  readonly names: ItemNames;
  readonly naming: Naming;
  /** The directory of the items. */
  readonly path: string;
  /** A directory with a node for each item that must not be offered; undefined if all items may be offered. */
  readonly excludedPath?: string;
  /** True if later items may have to come before earlier ones. */
  readonly isOrdered: boolean;
  /** Returns the time until an item may be taken, in milliseconds; 0 or less if it may be taken now. */
  readonly delayMs?: (item: ItemName) => number;
}

/** The part of a list of ordered items that is offered before the list is read again. */
const freshShare = 1 / 8;

/**
 * Offers the items of a queue. It reads the list of items once and offers them one by one, because the list may be long.
 * If the queue is empty, clients wait in a line, and only the first of them watches the queue. So a new item wakes one
 * client.
 */
export class ItemSource {
  /** Items that must not be offered, because their data is invalid. */
  readonly rejected = new Set<string>();
  readonly #caller: Caller;
  readonly #options: SourceOptions;
  readonly #line: WaitingLine;
  /** The items to offer; the next one is the last of the array. */
  #offers: ItemName[] = [];
  /** The work that fills `#offers`, while a call does it. Other calls wait for it. */
  #filling: Promise<void> | undefined;

  constructor(caller: Caller, clientsPath: string, options: SourceOptions) {
    this.#caller = caller;
    this.#options = options;
    const marker = '-take-';
    const lineCaller = { ...caller, path: clientsPath };
    this.#line = new WaitingLine(lineCaller, { naming: 'curator', marker, markers: [marker] });
  }

  /** Returns an item, which another client may have taken since the list was read. If the queue is empty, waits or returns undefined. */
  async next(call: Call, waits: boolean): Promise<ItemName | undefined> {
    for (;;) {
      const offer = this.#offer();
      if (offer !== undefined) return offer;
      if (!waits) {
        const items = await this.list(call);
        if (!this.#isDue(items[0])) return undefined;
        this.#setOffers(items);
      } else if (this.#filling !== undefined) {
        await call.finish(this.#filling.catch(() => {}));
      } else {
        this.#filling = this.#fill(call).finally(() => {
          this.#filling = undefined;
        });
        await this.#filling;
      }
    }
  }

  #offer(): ItemName | undefined {
    return this.#isDue(this.#offers.at(-1)) ? this.#offers.pop() : undefined;
  }

  #isDue(item: ItemName | undefined): boolean {
    return item !== undefined && !(this.#delayMs(item) > 0);
  }

  #delayMs(item: ItemName): number {
    return this.#options.delayMs?.(item) ?? 0;
  }

  /** @param items in the order of the queue */
  #setOffers(items: ItemName[]): void {
    const count = this.#options.isOrdered ? Math.ceil(items.length * freshShare) : items.length;
    this.#offers = items.slice(0, count).reverse();
  }

  /** Lists the items in the order of the queue. A directory that does not exist is empty, and is not watched. */
  async list(call: Call, watch?: WatchCallback): Promise<ItemName[]> {
    const { path, excludedPath, names } = this.#options;
    // the items are listed last: an item that is deleted together with its excluding node is in neither list then
    const excluded = excludedPath === undefined ? [] : await this.#children(call, excludedPath, watch);
    const children = await this.#children(call, path, watch);
    const hidden = new Set(excluded);
    if (this.rejected.size > 0) {
      const present = new Set(children);
      for (const name of this.rejected) present.has(name) ? hidden.add(name) : this.rejected.delete(name);
    }
    return itemsAmong(hidden.size === 0 ? children : children.filter((name) => !hidden.has(name)), names);
  }

  async #children(call: Call, path: string, watch: WatchCallback | undefined): Promise<string[]> {
    const options = { ...call.limits, ...(watch && { watch }) };
    try {
      return (await call.retry(() => this.#caller.zk.children(path, options))).children;
    } catch (error) {
      if (ZooKeeperError.is(error, 'NONODE')) return [];
      throw error;
    }
  }

  // ---- waiting

  async #fill(call: Call): Promise<void> {
    let items = await this.list(call);
    if (!this.#isDue(items[0])) {
      const ticket = await this.#line.waitForTurn(call, '', firstOnly);
      try {
        items = await this.#waitForItems(call);
      } finally {
        // before it takes an item, so that the next client can look for further ones
        void this.#line.leave(ticket).catch(() => {});
      }
    }
    this.#setOffers(items);
  }

  async #waitForItems(call: Call): Promise<ItemName[]> {
    const { path, excludedPath, naming } = this.#options;
    for (;;) {
      // a directory that does not exist cannot be watched
      await ensureDirectory(call, path, naming);
      if (excludedPath !== undefined) await ensureDirectory(call, excludedPath, naming);
      let items: ItemName[] = [];
      const paths = excludedPath === undefined ? [path] : [path, excludedPath];
      await untilEvent(call, 'children', paths, async (watch) => {
        items = await this.list(call, watch);
        const [first] = items;
        return this.#isDue(first) || (first !== undefined && this.#delayMs(first));
      });
      if (this.#isDue(items[0])) return items;
    }
  }
}
