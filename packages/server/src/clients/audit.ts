import type { Id } from '@nodekeeper/protocol';
import type { RequestSpan } from '../roles/request-span.js';

/** One entry of the audit log: a write request that a client sent to this server. */
export interface AuditEntry {
  readonly sessionId: bigint;
  readonly ids: readonly Id[];
  readonly remoteAddress: string;
  /** A copy of the request with its own bytes. The function that writes the audit log decodes the copy. */
  readonly request: RequestSpan;
}

/** Called once for each write of this server's clients. `err` is the error code of the reply. */
export type Audit = (entry: AuditEntry, err: number) => void;
