/** A notification that one change causes for the watches of a path. */
export interface Trigger {
  readonly zxid: number;
  /** The position of this trigger among the triggers of the same zxid. */
  readonly index: number;
  /** The number of the event type in the protocol. */
  readonly type: number;
  readonly path: string;
}

/** All notifications that watches must get, in the order of the changes. */
export class TriggerLog {
  readonly #triggers: Trigger[] = [];

  add(zxid: number, type: number, path: string): void {
    const last = this.#triggers.at(-1);
    const index = last?.zxid === zxid ? last.index + 1 : 0;
    this.#triggers.push({ zxid, index, type, path });
  }

  /**
   * Searches the triggers after trigger `index` of `zxid`, up to the last trigger of `untilZxid`. Returns the first
   * trigger for which `isWanted` returns true.
   */
  next(zxid: number, index: number, untilZxid: number, isWanted: (trigger: Trigger) => boolean): Trigger | undefined {
    for (let at = this.#firstFrom(zxid); at < this.#triggers.length; at++) {
      const trigger = this.#triggers[at]!;
      if (trigger.zxid > untilZxid) return undefined;
      if (trigger.zxid === zxid && trigger.index <= index) continue;
      if (isWanted(trigger)) return trigger;
    }
    return undefined;
  }

  /** True if `isWanted` returns true for at least one trigger of this zxid. */
  has(zxid: number, isWanted: (trigger: Trigger) => boolean): boolean {
    return this.next(zxid, -1, zxid, isWanted) !== undefined;
  }

  #firstFrom(zxid: number): number {
    let low = 0;
    let high = this.#triggers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#triggers[middle]!.zxid < zxid) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
