import type { Request } from '../raw/operations.js';

interface KnownDifference {
  /** What Apache does and what we do. */
  difference: string;
  matches(request: Request): boolean;
}

/**
 * Requests that get another answer from us, and are left out of the stream until they do not: take a row away once it is mended
 * (`--known include` sends them all the same). docs/compatibility/README.md says why for those that stay.
 */
export const knownDifferences: KnownDifference[] = [
  {
    difference: 'multi with a null ACL list: MARSHALLINGERROR from both, but Apache takes no zxid for it',
    matches: ({ multi }) => multi?.some(({ value }) => value.acl === null) ?? false,
  },
  {
    difference:
      'multiRead that fails as a whole: Apache sends the results so far and the end mark after the error, we send none',
    matches: ({ operation, multi, rawBody }) =>
      operation === 'multiRead' &&
      (rawBody !== undefined ||
        (multi?.some((sub) => sub.value.path === null || !sub.operation.startsWith('get')) ?? false)),
  },
];
