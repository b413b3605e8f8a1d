/**
 * A first-in, first-out queue in a ring buffer. Adding and removing an item never moves the other items, except when
 * the ring is full: its size then doubles.
 */
export class RingQueue<T> {
  #ring: (T | undefined)[] = new Array(16).fill(undefined);
  #head = 0;
  length = 0;

  push(item: T): void {
    if (this.length === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.length++) & (this.#ring.length - 1)] = item;
  }

  /** Returns the first item without removing it, or undefined if the queue is empty. */
  peek(): T | undefined {
    return this.#ring[this.#head];
  }

  /** Removes and returns the first item. Throws if the queue is empty. */
  shift(): T {
    const item = this.#ring[this.#head];
    if (item === undefined) throw new Error('the queue is empty');
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.length--;
    return item;
  }

  /** All items, first to last. The queue must not change during the iteration. */
  *[Symbol.iterator](): Iterator<T> {
    for (let index = 0; index < this.length; index++) yield this.#ring[(this.#head + index) & (this.#ring.length - 1)]!;
  }

  #grow(): void {
    const grown = new Array<T | undefined>(this.#ring.length * 2).fill(undefined);
    for (let index = 0; index < this.length; index++)
      grown[index] = this.#ring[(this.#head + index) & (this.#ring.length - 1)];
    this.#ring = grown;
    this.#head = 0;
  }
}
