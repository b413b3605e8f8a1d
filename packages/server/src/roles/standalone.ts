import { ErrorCode } from '@nodekeeper/protocol';
import { Deciding } from './deciding.js';
import type { RoleParts } from './role-parts.js';

/** A server without an ensemble: a durable write is committed. */
export class Standalone extends Deciding {
  readonly mode = 'standalone';
  /** A server that decides alone has applied every write that it has acknowledged. */
  readonly confirmsSyncs = false;

  constructor(parts: RoleParts) {
    super(parts, ErrorCode.UNKNOWNSESSION);
  }

  sync(): void {
    throw new Error('a standalone server answers a sync like a read');
  }
}
