import { integer } from './option-kinds.js';
import type { OptionRow } from './option-row.js';

/** What Apache has no option for. */
export const ownOptions: readonly OptionRow[] = [
  integer(
    'nodekeeper.aclEntriesMax',
    'aclEntriesMax',
    'Entries of an ACL that a client may set; a longer one is answered with INVALIDACL. Servers of an ensemble should agree.',
    { min: 1 },
  ),
  integer(
    'nodekeeper.watchBytesMax',
    'watchBytesMax',
    'Bytes that the watches of one connection may take, each the length of its path and 128; one more is answered with QUOTAEXCEEDED.',
    { min: 0, max: Number.MAX_SAFE_INTEGER },
  ),
];
