/** Exit codes of the process, with the same values as in ZooKeeper (spec 3.1.4). */
export const ExitCode = {
  finished: 0,
  unexpected: 1,
  invalidInvocation: 2,
  storageNotAccessible: 3,
  snapshotNotWritten: 10,
  unmatchedCommit: 12,
  historyNotCut: 13,
  portNotAvailable: 14,
} as const;

/** Returns the numeric `exitCode` property of an error, or `unexpected` if the error has none. */
export function exitCodeOf(error: unknown): number {
  const asked = (error as { exitCode?: unknown } | null | undefined)?.exitCode;
  return typeof asked === 'number' ? asked : ExitCode.unexpected;
}
