import type { Id } from '@nodekeeper/protocol';
import type { RequestSpan } from '../roles/request-span.js';

/** A write of a client of this server, as the server received it. */
export interface AuditEntry {
  readonly sessionId: bigint;
  readonly ids: readonly Id[];
  readonly remoteAddress: string;
  /** A copy with its own bytes. The writer of the audit log decodes it. */
  readonly request: RequestSpan;
}

/** Called for each write with the code of its reply, on the server that the client is connected to. */
export type Audit = (entry: AuditEntry, err: number) => void;
