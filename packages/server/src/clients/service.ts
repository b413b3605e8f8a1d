import type { Database } from '../database/database.js';
import type { ReadState } from '../ops/read-state.js';
import type { Role } from '../roles/role.js';

/** The role and the database that serve clients during one term. */
export interface Service {
  readonly role: Role;
  readonly database: Database;
  readonly readState: ReadState;
  /**
   * False on a leader with `leaderServes=no`. Such a leader leaves all clients to the other servers, to have more time
   * for writes.
   */
  readonly takesClients: boolean;
}
