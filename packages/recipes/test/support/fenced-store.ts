/** A system behind a lock. It keeps the largest token that it has seen, and refuses writes with smaller ones. */
export class FencedStore {
  readonly values: string[] = [];
  #largestToken = 0;

  /** Returns false if the write is refused. */
  write(token: number, value: string): boolean {
    if (token < this.#largestToken) return false;
    this.#largestToken = token;
    this.values.push(value);
    return true;
  }
}
