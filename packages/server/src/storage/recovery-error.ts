/**
 * Thrown if the files may not contain the correct state of the server. The message names the file, the problem and the
 * remedy.
 */
export class RecoveryError extends Error {
  override readonly name = 'RecoveryError';
}
