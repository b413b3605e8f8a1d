/** The files cannot be made into a state that is surely right; the text says which, where, and what can be done. */
export class RecoveryError extends Error {
  override readonly name = 'RecoveryError';
}
