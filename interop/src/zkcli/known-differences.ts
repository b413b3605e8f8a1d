interface KnownDifference {
  /** The command after which the output of the two shells differs. */
  readonly command: string;
  readonly stream: 'stdout' | 'stderr';
  readonly why: string;
}

/** Every command of the scripts whose output differs. A row that is no longer needed fails the suite. */
export const knownDifferences: readonly KnownDifference[] = [
  { command: 'version', stream: 'stdout', why: 'it says nodekeeper, and its version' },
];

/** Lines that Java and its libraries print. */
export const javaNoise: readonly RegExp[] = [
  /^\w{3} \d+, \d{4} .* org\.jline\.utils\.Log logr\nWARNING: Unable to create a system terminal.*\n/gm,
];
