import type { ConnectRequest, ConnectResponse } from '@nodekeeper/protocol';

const noPassword = Buffer.alloc(16);

/** The id, password and timeout of a session. The client sends them to each server to which it connects. */
export class Identity {
  sessionId: bigint;
  password: Buffer;
  /** The timeout that the server granted, in milliseconds. Until the first grant, the requested timeout. */
  timeoutMs: number;
  readonly #wantedTimeoutMs: number;
  readonly #readOnly: boolean;
  /**
   * False until a server that accepts writes has granted the session. A session that a read-only server created is
   * unknown to all other servers.
   */
  #isKnownToEnsemble: boolean;

  /** If `sessionId` is 0n, the client requests a new session. */
  constructor(sessionId: bigint, password: Buffer, timeoutMs: number, readOnly: boolean) {
    this.sessionId = sessionId;
    this.password = password.length === 0 ? noPassword : password;
    this.timeoutMs = timeoutMs;
    this.#wantedTimeoutMs = timeoutMs;
    this.#readOnly = readOnly;
    this.#isKnownToEnsemble = sessionId !== 0n;
  }

  connectRequest(lastZxidSeen: number): ConnectRequest {
    return {
      protocolVersion: 0,
      lastZxidSeen,
      timeOut: this.#wantedTimeoutMs,
      sessionId: this.#isKnownToEnsemble ? this.sessionId : 0n,
      passwd: this.password,
      readOnly: this.#readOnly,
    };
  }

  /** Forgets the session, so that the client requests a new one. */
  forget(): void {
    this.sessionId = 0n;
    this.password = noPassword;
    this.timeoutMs = this.#wantedTimeoutMs;
    this.#isKnownToEnsemble = false;
  }

  granted(response: ConnectResponse): void {
    this.sessionId = response.sessionId;
    this.password = Buffer.from(response.passwd ?? noPassword);
    this.timeoutMs = response.timeOut;
    if (!response.readOnly) this.#isKnownToEnsemble = true;
  }
}
