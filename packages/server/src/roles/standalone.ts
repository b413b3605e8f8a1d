import { ErrorCode } from '@nodekeeper/protocol';
import { Deciding } from './deciding.js';
import type { RequestSpan } from './request-span.js';
import type { RoleClient } from './role-client.js';
import type { RoleParts } from './role-parts.js';

/** The role of a server without an ensemble. A write is committed as soon as it is durable. */
export class Standalone extends Deciding {
  readonly mode = 'standalone';

  constructor(parts: RoleParts) {
    super(parts, ErrorCode.UNKNOWNSESSION);
  }

  protected whenConfirmed(confirmed: () => void): void {
    confirmed();
  }

  /**
   * A client that lost its connection uses a sync to learn whether its last write was carried out. So a sync waits for
   * the writes of all connections that are not durable yet. Without such writes it is answered like a read.
   */
  get confirmsSyncs(): boolean {
    return this.writePath.pendingCount > 0;
  }

  sync(_client: RoleClient, _request: RequestSpan, done: () => void): void {
    this.writePath.whenApplied(done);
  }
}
