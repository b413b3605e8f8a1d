import { compareSequence, readSequence } from '../line/sequence.js';

/** The name of an item's node. */
export interface ItemName {
  readonly name: string;
  /** Items with a lower number come first. */
  readonly order: number;
  /** The number that the server appended. Items with the same `order` come in the order of these numbers. */
  readonly sequence: number;
  /** The id in the name; undefined in queues without ids. */
  readonly id: string | undefined;
}

/** How the items of a kind of queue are named. The groups of the pattern are `order` or `id`, and `sequence`. */
export interface ItemNames {
  readonly pattern: RegExp;
  readonly orderOf: (text: string) => number;
}

const unordered = () => 0;

/** The names of Curator's `SimpleDistributedQueue`: `qn-0000000007`. */
export const simpleNames: ItemNames = { pattern: /^qn-(?<sequence>.*)$/, orderOf: unordered };

/** The names of kazoo's queues, with a priority from 0 to 999: `entry-100-0000000007`. */
export const entryNames: ItemNames = { pattern: /^entry-(?<order>\d{3})-(?<sequence>.*)$/, orderOf: Number };

/**
 * The names of Curator's `DistributedPriorityQueue`: `queue-1000000050000000007` has priority 5. The first digit is 0
 * for negative priorities, so that the names sort like the priorities.
 */
export const priorityNames: ItemNames = {
  pattern: /^queue-[01](?<order>[0-9A-F]{8})(?<sequence>.*)$/,
  orderOf: (digits) => Number.parseInt(digits, 16) | 0,
};

/** The names of Curator's `DistributedDelayQueue`: `queue-|18BCFE56800|0000000007` is due at that Unix time in ms. */
export const delayNames: ItemNames = {
  pattern: /^queue-\|(?<order>[0-9A-F]+)\|(?<sequence>.*)$/i,
  orderOf: (digits) => Number.parseInt(digits, 16),
};

/** The names of Curator's `DistributedIdQueue`: `queue-|some id|0000000007`. */
export const idNames: ItemNames = { pattern: /^queue-\|(?<id>[^|]+)\|(?<sequence>.*)$/, orderOf: unordered };

export function entryPrefix(priority: number): string {
  return `entry-${String(priority).padStart(3, '0')}-`;
}

/** @param priority an integer of 32 bits */
export function priorityPrefix(priority: number): string {
  const digits = (priority >>> 0).toString(16).toUpperCase().padStart(8, '0');
  return `queue-${priority < 0 ? 0 : 1}${digits}`;
}

export function delayPrefix(dueMs: number): string {
  return `queue-|${dueMs.toString(16).toUpperCase().padStart(8, '0')}|`;
}

/** Curator replaces the characters that an id must not contain in the same way. */
export function idInName(id: string): string {
  return id.replace(/[/|]/g, '_');
}

export function idPrefix(id: string): string {
  return `queue-|${idInName(id)}|`;
}

/** Returns the items among the names of nodes, in the order of the queue. Ignores all other names. */
export function itemsAmong(names: readonly string[], { pattern, orderOf }: ItemNames): ItemName[] {
  const items = names.flatMap((name) => {
    const { order = '', sequence: digits = '', id } = pattern.exec(name)?.groups ?? {};
    const sequence = readSequence(digits);
    return sequence === undefined ? [] : [{ name, order: orderOf(order), sequence, id }];
  });
  return items.sort((one, other) => one.order - other.order || compareSequence(one.sequence, other.sequence));
}
