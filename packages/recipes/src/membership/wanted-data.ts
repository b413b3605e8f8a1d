import type { Data } from '@nodekeeper/client';
import type { RecipeError } from '../foundation/errors.js';

/** Data with a number. Later data has a larger number. */
interface Version {
  readonly number: number;
  readonly data: Data;
}

/** The data that a node should have, and what is known about the data that it has. */
export class WantedData {
  #wanted: Version;
  #written: Version | undefined;
  #refused: { readonly number: number; readonly error: RecipeError } | undefined;

  constructor(data: Data) {
    this.#wanted = { number: 0, data };
  }

  get newest(): Version {
    return this.#wanted;
  }

  /** True if the node certainly has some data of this client. */
  get isKnown(): boolean {
    return this.#written !== undefined;
  }

  get isWritten(): boolean {
    return this.#written?.number === this.#wanted.number;
  }

  /** Returns the number of the data. */
  want(data: Data): number {
    const number = Math.max(this.#wanted.number, this.#refused?.number ?? 0) + 1;
    this.#wanted = { number, data };
    return number;
  }

  written(version: Version): void {
    this.#written = version;
  }

  /** The node may be gone, or have other data. */
  forgetWritten(): void {
    this.#written = undefined;
  }

  /** The server refuses data. The node should then keep what it has. */
  refused({ number }: Version, error: RecipeError): void {
    this.#refused = { number, error };
    if (this.#wanted.number === number) this.#wanted = this.#written!;
  }

  /** Returns true if data with this or a later number is written. Throws if it was refused. */
  hasReached(number: number): boolean {
    if (this.#written !== undefined && this.#written.number >= number) return true;
    if (this.#refused !== undefined && this.#refused.number >= number) throw this.#refused.error;
    return false;
  }
}
