import { createHmac, timingSafeEqual } from 'node:crypto';
import { sessionPassword } from '@nodekeeper/protocol';

const passwordBytes = 16;

/**
 * The passwords with which clients resume their sessions. Every server computes the password from the session id. With
 * a shared secret, only the servers can compute the password. Without a secret, the password follows ZooKeeper's
 * algorithm, so any client that knows the session id can compute it.
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
