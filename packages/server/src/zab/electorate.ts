import type { QuorumVerifier } from '../membership/index.js';

/** Who votes, and how many votes decide: what an election needs of an ensemble's configuration. */
export interface Electorate {
  readonly verifier: QuorumVerifier;
  /** The configuration as servers tell it each other (inventory 4.8). */
  readonly text: string;
}
