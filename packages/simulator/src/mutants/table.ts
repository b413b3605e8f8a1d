import { clientMutants } from './client.js';
import { otherMutants } from './others.js';
import { recoveryMutants } from './recovery.js';

/** A place in the built code where a safeguard is taken out. Paths are below `dist/src` of the mutant's package. */
export interface Edit {
  readonly file: string;
  /** Must stand in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface Mutant {
  /** The row of the list of faults that it brings back; a letter behind it tells several of one row apart. */
  readonly id: string;
  readonly undoes: string;
  /** Whose code is changed; the server's unless this says otherwise. */
  readonly package?: 'client';
  readonly edits: readonly Edit[];
}

/** A row that is no mutant, and why. */
interface Unmutated {
  readonly id: string;
  readonly why: string;
}

export const mutants: readonly Mutant[] = [...recoveryMutants, ...otherMutants, ...clientMutants];

/** Where the files of its edits are, below the root of the repository. */
export function folderOf(mutant: Mutant): string {
  return `packages/${mutant.package ?? 'server'}/dist/src/`;
}

export const unmutated: readonly Unmutated[] = [
  {
    id: 'R-13, the name',
    why: 'whoever relies on the name of a snapshot syncs its directory for another reason before: the epoch file is in it, and so is what is removed; the syncing of the name alone is never missed',
  },
  {
    id: 'R-15, a crash',
    why: 'a cut that a crash ends midway shows only behind a snapshot from a leader that another one, of less, replaces: about one run in ten thousand. The tests in truncate.test.ts crash at each step',
  },
  {
    id: 'R-16',
    why: 'heals trees that differ for an unknown reason; with every known reason taken out there is none to heal. The test in ensemble.test.ts makes one differ by hand',
  },
  { id: 'R-17', why: 'there is no read-only mode yet; it comes with a row here' },
  {
    id: 'R-22 (3)',
    why: 'a learner is sent commits in the order of the stream that it is sent proposals in, so no message says how far the leader has committed',
  },
  {
    id: 'S-1, S-2',
    why: 'a transaction is applied within one call, so no slice of a snapshot falls into the middle of a multi or a session',
  },
  {
    id: 'S-8',
    why: 'two places take care of a last log without an entry; with one of them taken out the other does',
  },
  { id: 'L-5', why: 'no lock exists that could be held while a slow peer is written to' },
];
