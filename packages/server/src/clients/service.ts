import type { Database } from '../database/database.js';
import type { ReadState } from '../ops/read-state.js';
import type { Role } from '../roles/role.js';

/** What serves clients at present: the role and the database of the term. */
export interface Service {
  readonly role: Role;
  readonly database: Database;
  readonly readState: ReadState;
  /** A leader may leave the clients to the other servers, to have more time for writes (`leaderServes`). */
  readonly takesClients: boolean;
}
