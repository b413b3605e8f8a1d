/** The files do not hold the history that they were cut to, which must not happen: the process ends, as Apache's does. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
  readonly exitCode = 13;
}
