/** History has come apart from the leader's, which must not happen: the process ends, with the code of Apache's. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';

  constructor(
    message: string,
    readonly exitCode: 12 | 13,
  ) {
    super(message);
  }
}
