import { clientMutants } from './client.js';
import { otherMutants } from './others.js';
import { recipeMutants } from './recipes.js';
import { recoveryMutants } from './recovery.js';

/** An edit that removes a safeguard from the built code. Paths are below `dist/src` of the mutant's package. */
export interface Edit {
  readonly file: string;
  /** The text to replace. It must occur in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface Mutant {
  /**
   * The number, in docs/spec/faults.md, of the fault that the mutant brings back. If one fault has several mutants, a
   * trailing letter distinguishes them.
   */
  readonly id: string;
  readonly undoes: string;
  /** The package whose code is changed. If it is absent, the server's code is changed. */
  readonly package?: 'client' | 'recipes';
  /** The recipe whose programs run with the mutant. If it is absent, the runs are those without programs. */
  readonly recipe?: string;
  readonly edits: readonly Edit[];
}

/** A fault of docs/spec/faults.md that has no mutant, and the reason. */
interface Unmutated {
  readonly id: string;
  readonly why: string;
}

export const mutants: readonly Mutant[] = [...recoveryMutants, ...otherMutants, ...clientMutants, ...recipeMutants];

/** The folder that contains the edited files, as a path from the root of the repository. */
export function folderOf(mutant: Mutant): string {
  return `packages/${mutant.package ?? 'server'}/dist/src/`;
}

export const unmutated: readonly Unmutated[] = [
  {
    id: 'R-13, the name',
    why: 'code that depends on the name of a snapshot always syncs its directory earlier for another reason: the directory also holds the epoch file and the removed files. A missing sync for the name alone has no effect',
  },
  {
    id: 'R-15, a crash',
    why: 'a truncation that a crash interrupts shows only after a snapshot from a leader that another leader with a shorter history replaces: about one run in ten thousand. The tests in truncate.test.ts crash at each step',
  },
  {
    id: 'R-16',
    why: 'repairs trees that differ for an unknown reason. Without every known reason, no tree differs. The test in ensemble.test.ts changes one by hand',
  },
  { id: 'R-17', why: 'there is no read-only mode yet; it comes with a row here' },
  {
    id: 'R-22 (3)',
    why: 'commits and proposals reach a learner in one ordered stream, so no message says how far the leader has committed',
  },
  {
    id: 'S-1, S-2',
    why: 'a transaction is applied within one call, so a slice of a snapshot cannot begin in the middle of a multi or a session',
  },
  {
    id: 'S-8',
    why: 'two places handle a last log without an entry; either of them suffices',
  },
  {
    id: 'RC, the wrap',
    why: 'numbers of sequential nodes wrap after 2^31 creations. sequence.test.ts compares numbers before and after the wrap',
  },
  { id: 'L-5', why: 'there is no lock that could be held during a write to a slow peer' },
];
