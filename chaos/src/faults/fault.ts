import type { Ensemble } from '../ensemble/ensemble.js';
import type { Member } from '../ensemble/member.js';
import type { Random } from '../random.js';

/** What a fault can use. */
export interface Scene {
  readonly ensemble: Ensemble;
  readonly random: Random;
  readonly leader: Member | undefined;
  /** The servers that no other fault affects. */
  readonly free: readonly Member[];
}

/** A fault that lasts for a while. */
export interface Fault {
  /** Describes the fault and its servers for a reader. */
  readonly what: string;
  /** No other fault may affect these servers at the same time. */
  readonly members: readonly Member[];
  begin(): Promise<void> | void;
  /** Ends the fault. Returns what went wrong, if anything. */
  end(): Promise<string | undefined> | string | undefined;
}

export const faultGroups = ['kill', 'pause', 'disk', 'cut'] as const;
export type FaultGroup = (typeof faultGroups)[number];

/** A row of the table of faults. */
export interface FaultKind {
  readonly group: FaultGroup;
  readonly weight: number;
  /** The limits of its duration, in ms. */
  readonly lastsMs: readonly [least: number, most: number];
  /** Undefined if the fault is not possible in the scene. */
  make(scene: Scene): Fault | undefined;
}

/** The leader, if no other fault affects it. */
export function freeLeader({ leader, free }: Scene): Member | undefined {
  return leader !== undefined && free.includes(leader) ? leader : undefined;
}

export function named(members: readonly Member[]): string {
  return `server${members.length === 1 ? '' : 's'} ${members
    .map(({ id }) => id)
    .sort()
    .join(', ')}`;
}
