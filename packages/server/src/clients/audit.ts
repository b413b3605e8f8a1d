import type { Id } from '@nodekeeper/protocol';
import type { RequestSpan } from '../roles/request-span.js';

/** A write of a client of this server, as it was when it came. */
export interface AuditEntry {
  readonly sessionId: bigint;
  readonly ids: readonly Id[];
  readonly remoteAddress: string;
  /** With bytes of its own: what was asked for is decoded by the one who writes it down. */
  readonly request: RequestSpan;
}

/** Hears of each write together with the code of its answer, on the server that its client is connected to. */
export type Audit = (entry: AuditEntry, err: number) => void;
