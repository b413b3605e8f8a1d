import type { Ensemble } from '../ensemble/ensemble.js';
import type { Member } from '../ensemble/member.js';
import type { Random } from '../random.js';

/** What a fault may work with. */
export interface Scene {
  readonly ensemble: Ensemble;
  readonly random: Random;
  readonly leader: Member | undefined;
  /** Servers that no other fault is at. */
  readonly free: readonly Member[];
}

/** Something that goes wrong for a while. */
export interface Fault {
  /** For people: what happens to whom. */
  readonly what: string;
  /** Whom no other fault may be at meanwhile. */
  readonly members: readonly Member[];
  begin(): Promise<void> | void;
  /** What is wrong with how it went, if anything is. */
  end(): Promise<string | undefined> | string | undefined;
}

export const faultGroups = ['kill', 'pause', 'disk', 'cut'] as const;
export type FaultGroup = (typeof faultGroups)[number];

/** A row of the table of faults. */
export interface FaultKind {
  readonly group: FaultGroup;
  readonly weight: number;
  /** Bounds of how long it lasts, ms. */
  readonly lastsMs: readonly [least: number, most: number];
  /** Undefined where the scene does not allow it. */
  make(scene: Scene): Fault | undefined;
}

/** The leader, if nothing else happens to it. */
export function freeLeader({ leader, free }: Scene): Member | undefined {
  return leader !== undefined && free.includes(leader) ? leader : undefined;
}

export function named(members: readonly Member[]): string {
  return `server${members.length === 1 ? '' : 's'} ${members
    .map(({ id }) => id)
    .sort()
    .join(', ')}`;
}
