interface KnownDifference {
  /** The command for which the outputs of the two shells differ. */
  readonly command: string;
  readonly stream: 'stdout' | 'stderr';
  readonly why: string;
}

/**
 * Every command of the scripts whose output differs. The suite fails if another command differs, and also if a listed
 * command does not differ.
 */
export const knownDifferences: readonly KnownDifference[] = [
  { command: 'version', stream: 'stdout', why: 'it says nodekeeper, and its version' },
];

/** Lines that Java and its libraries print. They are removed before the comparison. */
export const javaNoise: readonly RegExp[] = [
  /^\w{3} \d+, \d{4} .* org\.jline\.utils\.Log logr\nWARNING: Unable to create a system terminal.*\n/gm,
];
