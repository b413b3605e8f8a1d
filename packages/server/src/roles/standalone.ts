import { ErrorCode } from '@nodekeeper/protocol';
import { Deciding } from './deciding.js';
import type { RoleParts } from './role-parts.js';

/** The role of a server without an ensemble. A write is committed as soon as it is durable. */
export class Standalone extends Deciding {
  readonly mode = 'standalone';
  /**
   * No leader needs to confirm a sync, because a standalone server has applied every write that it has acknowledged.
   */
  readonly confirmsSyncs = false;

  constructor(parts: RoleParts) {
    super(parts, ErrorCode.UNKNOWNSESSION);
  }

  protected whenConfirmed(confirmed: () => void): void {
    confirmed();
  }

  sync(): void {
    throw new Error('a standalone server answers a sync like a read');
  }
}
