import { errorName, type MultiResult, OpCode } from '@nodekeeper/protocol';
import { ZooKeeperError } from '../errors.js';

/** The error that a multi's or multiRead's reply has in the place of a result, or undefined for a result. */
export function errorOfResult(
  result: MultiResult,
  op: string,
  path: string,
  chroot: string,
): ZooKeeperError | undefined {
  if (result.type !== OpCode.error) return undefined;
  const code = errorName(result.response.err) ?? 'SYSTEMERROR';
  return new ZooKeeperError({ code, outcome: 'rejected' }, op, path, chroot);
}
