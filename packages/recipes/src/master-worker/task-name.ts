import type { Random } from '@nodekeeper/client';
import { compareSequence, readSequence } from '../line/sequence.js';

/**
 * How often a task may run.
 *
 * `at-least-once`: if its worker dies, another worker runs the task again.
 * `at-most-once`: if its worker dies, the task is lost, because the worker may have begun it.
 */
export type Delivery = 'at-least-once' | 'at-most-once';

const prefixes: Readonly<Record<Delivery, string>> = { 'at-least-once': 'task-', 'at-most-once': 'once-' };

/** The name of a task with an id that its client has chosen. */
export function nameOfId(delivery: Delivery, id: string): string {
  return prefixes[delivery] + id;
}

/** Returns a prefix for a sequential node by which the client finds its task after a lost reply. */
export function uniquePrefix(delivery: Delivery, random: Random): string {
  const digits = Array.from({ length: 16 }, () => Math.floor(random() * 16).toString(16));
  return `${prefixes[delivery]}${digits.join('')}-`;
}

/** Every name without the prefix of `at-most-once` is the name of a task that may run again. */
export function runsOnce(name: string): boolean {
  return name.startsWith(prefixes['at-most-once']);
}

/** Compares names by their sequential numbers. Names without a number come first. */
export function compareNames(one: string, other: string): number {
  const [first, second] = [sequenceOf(one), sequenceOf(other)];
  if (first === undefined || second === undefined) return Number(first !== undefined) - Number(second !== undefined);
  return compareSequence(first, second);
}

function sequenceOf(name: string): number | undefined {
  return readSequence(name.slice(name.lastIndexOf('-') + 1));
}
