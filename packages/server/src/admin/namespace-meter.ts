import type { MetricSet, Summary } from './metric-kinds.js';

const slash = 47;

/**
 * `read_per_namespace` and `write_per_namespace`: path and data bytes by the first component of the path. Requests
 * mostly go to the namespace of the one before, so that is compared first, byte by byte, and no string is made.
 */
export class NamespaceTraffic {
  readonly #summaries: MetricSet<Summary>;
  #name: Uint8Array = new Uint8Array();
  #summary: Summary | undefined;

  constructor(summaries: MetricSet<Summary>) {
    this.#summaries = summaries;
  }

  add(bytes: Uint8Array, start: number, end: number, dataLength: number): void {
    let nameEnd = start + 1;
    while (nameEnd < end && bytes[nameEnd] !== slash) nameEnd++;
    if (nameEnd <= start + 1) return;
    if (!this.#isLast(bytes, start + 1, nameEnd)) this.#lookUp(bytes, start + 1, nameEnd);
    this.#summary!.add(end - start + dataLength);
  }

  #isLast(bytes: Uint8Array, start: number, end: number): boolean {
    const name = this.#name;
    if (name.length !== end - start) return false;
    for (let at = 0; at < name.length; at++) if (name[at] !== bytes[start + at]) return false;
    return true;
  }

  #lookUp(bytes: Uint8Array, start: number, end: number): void {
    this.#name = bytes.slice(start, end);
    this.#summary = this.#summaries.member(Buffer.from(this.#name).toString());
  }
}
