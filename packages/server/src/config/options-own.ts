import { integer, text } from './option-kinds.js';
import type { OptionRow } from './option-row.js';

/** Options that only nodekeeper has. */
export const ownOptions: readonly OptionRow[] = [
  integer(
    'nodekeeper.aclEntriesMax',
    'aclEntriesMax',
    'Maximum number of entries in an ACL; the server answers a longer one with INVALIDACL. All servers of an ensemble should have the same value.',
    { min: 1 },
  ),
  integer(
    'nodekeeper.watchBytesMax',
    'watchBytesMax',
    'Maximum bytes for the watches of one connection. A watch counts as the length of its path plus 128. The server answers a request for more with QUOTAEXCEEDED.',
    { min: 0, max: Number.MAX_SAFE_INTEGER },
  ),
  text(
    'nodekeeper.sessionSecret',
    'sessionSecret',
    "Secret of session passwords, at least 16 characters, the same on every server. Without it, session passwords are ZooKeeper's: any client can compute one from the session id, which every ephemeral node shows. With it, a server accepts only passwords made with the same secret. A client that moves to a server without it, or with another one, loses its session. It is therefore not for ensembles with Java servers, and changing it ends all sessions.",
    { secret: true },
  ),
  text('nodekeeper.sessionSecretFile', 'sessionSecretFile', 'File that contains the secret.'),
];
