import type { Request } from '../raw/operations.js';
import type { RecordValue, Value } from '../raw/records.js';

interface KnownDifference {
  /** Describes what ZooKeeper does and what nodekeeper does. */
  difference: string;
  matches(request: Request): boolean;
}

/**
 * Requests to which the two servers reply differently. The generator sends them only with `--known include`. Delete a
 * row when its difference is fixed. docs/compatibility/README.md explains the differences that will remain.
 */
export const knownDifferences: KnownDifference[] = [
  {
    difference: 'multi with a null ACL list: MARSHALLINGERROR from both, but ZooKeeper takes no zxid for it',
    matches: ({ multi }) => multi?.some(({ value }) => value.acl === null) ?? false,
  },
  {
    difference:
      'multi with a null id in an ACL: MARSHALLINGERROR from both, but ZooKeeper keeps the changes of the earlier operations outstanding',
    matches: ({ multi }) => multi?.some(({ value }) => hasNullId(value.acl)) ?? false,
  },
  {
    difference:
      'multiRead that fails as a whole: ZooKeeper sends the results so far and the end mark after the error, nodekeeper sends none',
    matches: ({ operation, multi, rawBody }) =>
      operation === 'multiRead' &&
      (rawBody !== undefined ||
        (multi?.some((sub) => sub.value.path === null || !sub.operation.startsWith('get')) ?? false)),
  },
];

/** True if `acl` is an ACL with an entry whose identity has no id. */
function hasNullId(acl: Value | undefined): boolean {
  return Array.isArray(acl) && acl.some((entry) => ((entry as RecordValue).id as RecordValue).id === null);
}
