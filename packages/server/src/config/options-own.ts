import { integer, text } from './option-kinds.js';
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
  text(
    'nodekeeper.sessionSecret',
    'sessionSecret',
    "Secret of session passwords, 16 characters or more, the same on every server. Unset, passwords are Apache's, which anybody can compute from a session's id, as every ephemeral node shows it. With it a server takes no password that another kind of server made, or one with another secret: a client that moves between them is told that its session is over, so it is not for ensembles with servers of Apache, and sessions end where it is changed.",
    { secret: true },
  ),
  text('nodekeeper.sessionSecretFile', 'sessionSecretFile', 'File with that secret.'),
];
