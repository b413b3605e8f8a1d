import type { Database } from '../database/database.js';
import type { ReadState } from '../ops/read-state.js';
import type { Role } from '../roles/role.js';

/** What clients are served with at present: a role, for a term, and the database of that term. */
export interface Service {
  readonly role: Role;
  readonly database: Database;
  readonly readState: ReadState;
  /** A leader may leave clients to the others, to have more time for their writes (`leaderServes`). */
  readonly takesClients: boolean;
}
