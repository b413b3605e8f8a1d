import type { Id } from '@nodekeeper/protocol';
import type { RequestSpan } from '../roles/request-span.js';

/** A write of a client of this server, as it was received. */
export interface AuditEntry {
  readonly sessionId: bigint;
  readonly ids: readonly Id[];
  readonly remoteAddress: string;
  /** A copy with bytes of its own. The writer of the audit log decodes it. */
  readonly request: RequestSpan;
}

/** Called for each write with the code of its answer, on the server that the client is connected to. */
export type Audit = (entry: AuditEntry, err: number) => void;
