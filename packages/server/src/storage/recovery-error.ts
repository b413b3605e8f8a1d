/** The files do not yield a state that is certainly correct. The text names the file, the problem and the remedy. */
export class RecoveryError extends Error {
  override readonly name = 'RecoveryError';
}
