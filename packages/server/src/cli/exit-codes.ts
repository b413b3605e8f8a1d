/** Exit codes of the process, the same as ZooKeeper's (spec 3.1.4). */
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

/** The numeric `exitCode` property of an error, or `unexpected`. */
export function exitCodeOf(error: unknown): number {
  const asked = (error as { exitCode?: unknown } | null | undefined)?.exitCode;
  return typeof asked === 'number' ? asked : ExitCode.unexpected;
}
