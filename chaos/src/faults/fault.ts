import type { Ensemble } from '../ensemble/ensemble.js';
import type { Member } from '../ensemble/member.js';
import type { Random } from '../random.js';

/** The parts of a run that a fault can use. */
export interface Scene {
  readonly ensemble: Ensemble;
  readonly random: Random;
  readonly leader: Member | undefined;
  /** The servers that no other fault affects at present. */
  readonly free: readonly Member[];
}

/** A fault that begins, lasts for a while, and ends. */
export interface Fault {
  /** Describes the fault and the affected servers in the printed progress of the run. */
  readonly what: string;
  /** The affected servers. No other fault may affect them at the same time. */
  readonly members: readonly Member[];
  begin(): Promise<void> | void;
  /** Ends the fault. Returns a description of what went wrong during the fault, or undefined. */
  end(): Promise<string | undefined> | string | undefined;
}

export const faultGroups = ['kill', 'pause', 'disk', 'cut'] as const;
export type FaultGroup = (typeof faultGroups)[number];

/** One kind of fault: a row of the table of faults. */
export interface FaultKind {
  readonly group: FaultGroup;
  readonly weight: number;
  /** The minimum and maximum duration of the fault, in ms. */
  readonly lastsMs: readonly [least: number, most: number];
  /** Makes a fault of this kind. Returns undefined if the scene does not allow one. */
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
