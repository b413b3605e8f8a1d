const xidMax = 0x7fffffff;

/** Numbers of requests: from 1 up, and from 1 again when they are used up. */
export class Xids {
  #last: number;

  constructor(last: number) {
    this.#last = last;
  }

  next(): number {
    this.#last = this.#last >= xidMax ? 1 : this.#last + 1;
    return this.#last;
  }
}
