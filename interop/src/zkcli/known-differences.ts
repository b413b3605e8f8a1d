interface KnownDifference {
  /** The command after which the two shells print something different. */
  readonly command: string;
  readonly stream: 'stdout' | 'stderr';
  readonly why: string;
}

/** Every command of the scripts whose output is not the same. A row that is not needed any more fails the suite. */
export const knownDifferences: readonly KnownDifference[] = [
  { command: 'version', stream: 'stdout', why: 'it says nodekeeper, and its version' },
];

/** What Java and its libraries print by themselves. */
export const javaNoise: readonly RegExp[] = [
  /^\w{3} \d+, \d{4} .* org\.jline\.utils\.Log logr\nWARNING: Unable to create a system terminal.*\n/gm,
];
