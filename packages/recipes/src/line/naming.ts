import { readSequence } from './sequence.js';

/** Whose names of nodes a recipe uses, so that its nodes and those of the other library stand in one line. */
export type Naming = 'curator' | 'kazoo';

/** A node in a line, as far as its name tells. */
export interface LineEntry {
  readonly name: string;
  /** The number that the server appended. */
  readonly sequence: number;
  /** The marker of its kind, such as `-lock-`. */
  readonly marker: string;
}

/**
 * Returns the entry for a name with one of the markers, or undefined for the name of any other node. The marker is the
 * text before the number.
 */
export function entryOf(name: string, markers: readonly string[]): LineEntry | undefined {
  for (const marker of markers) {
    const at = name.lastIndexOf(marker);
    const sequence = at < 0 ? undefined : readSequence(name.slice(at + marker.length));
    if (sequence !== undefined) return { name, sequence, marker };
  }
  return undefined;
}

/**
 * Returns the text before the marker that makes a node recognisable for its creator: Curator's protection prefix, or
 * the id of kazoo.
 */
export function protectionPrefix(naming: Naming, id: string): string {
  return naming === 'curator' ? `_c_${id}` : id.replaceAll('-', '');
}
