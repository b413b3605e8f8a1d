import { createHmac, timingSafeEqual } from 'node:crypto';
import { sessionPassword } from '@nodekeeper/protocol';

const passwordBytes = 16;

/**
 * The passwords by which clients come back to their sessions. Every server makes them from the session's id alone: with a
 * secret that the servers share, or, without one, in Apache's way, which anybody can follow who sees the id.
 */
export class SessionPasswords {
  readonly #secret: string | null;

  constructor(secret: string | null) {
    this.#secret = secret;
  }

  of(sessionId: bigint): Buffer {
    if (this.#secret === null) return sessionPassword(sessionId);
    const id = Buffer.alloc(8);
    id.writeBigInt64BE(sessionId);
    return createHmac('sha256', this.#secret).update(id).digest().subarray(0, passwordBytes);
  }

  isRight(sessionId: bigint, password: Buffer | null): boolean {
    return password?.length === passwordBytes && timingSafeEqual(password, this.of(sessionId));
  }
}
