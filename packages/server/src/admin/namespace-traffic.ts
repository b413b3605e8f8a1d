import type { MetricSet, Summary } from './metric-kinds.js';

const slash = 47;
const slots = 1024;
/**
 * Maximum number of namespaces that are counted. A client can create any number of namespaces, because each top-level
 * node is one.
 */
const namespacesMax = 1000;
/** A namespace whose name has more bytes than this is not counted. */
const nameBytesMax = 256;

interface Slot {
  readonly name: Uint8Array;
  readonly summary: Summary | undefined;
}

/**
 * Counts the bytes of paths and data by namespace, for `read_per_namespace` and `write_per_namespace`. A small table
 * maps a hash of the namespace's name to its summary, so that counting a request allocates no string.
 */
export class NamespaceTraffic {
  readonly #summaries: MetricSet<Summary>;
  readonly #slots: (Slot | undefined)[] = new Array(slots).fill(undefined);

  constructor(summaries: MetricSet<Summary>) {
    this.#summaries = summaries;
  }

  add(bytes: Uint8Array, start: number, end: number, dataLength: number): void {
    let nameEnd = start + 1;
    let hash = 0;
    for (; nameEnd < end && bytes[nameEnd] !== slash; nameEnd++) hash = (Math.imul(hash, 31) + bytes[nameEnd]!) | 0;
    if (nameEnd <= start + 1 || nameEnd > start + 1 + nameBytesMax) return;
    const index = (hash ^ (hash >>> 10)) & (slots - 1);
    let slot = this.#slots[index];
    if (slot === undefined || !isName(slot.name, bytes, start + 1, nameEnd)) {
      slot = this.#lookUp(bytes, start + 1, nameEnd);
      this.#slots[index] = slot;
    }
    slot.summary?.add(end - start + dataLength);
  }

  #lookUp(bytes: Uint8Array, start: number, end: number): Slot {
    const name = Buffer.from(bytes.subarray(start, end));
    const key = name.toString();
    const isCounted = this.#summaries.size < namespacesMax || this.#summaries.has(key);
    return { name, summary: isCounted ? this.#summaries.member(key) : undefined };
  }
}

function isName(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let at = 0; at < name.length; at++) if (name[at] !== bytes[start + at]) return false;
  return true;
}
