export interface KnownDifference {
  /** The command after which the two shells print something different. */
  readonly command: string;
  readonly stream: 'stdout' | 'stderr';
  readonly why: string;
}

/** Apache's shell sets what is left of them. At the end of the script, since the trees are not the same then. */
export const wrongAcls: readonly string[] = [
  'create /wrong x world:anyone:r,nonsense,',
  'create /wronger x world:anyone:rxyz',
  'setAcl /ids world:anyone:ry',
  'create /none/x x world:anyone:a,ip:10.0.0.0/8:rw,digest:bob:50%+,cdrwa',
];

/** Every command of the scripts whose output is not the same. A row that is not needed any more fails the suite. */
export const knownDifferences: readonly KnownDifference[] = [
  { command: 'version', stream: 'stdout', why: 'it says nodekeeper, and its version' },
  ...wrongAcls.map((command) => ({
    command,
    stream: 'stderr' as const,
    why: 'an ACL that is wrong in part is refused',
  })),
];

/** What Java and its libraries print by themselves. */
export const javaNoise: readonly RegExp[] = [
  /^\w{3} \d+, \d{4} .* org\.jline\.utils\.Log logr\nWARNING: Unable to create a system terminal.*\n/gm,
];
