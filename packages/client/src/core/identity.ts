import type { ConnectRequest, ConnectResponse } from '@nodekeeper/protocol';

const noPassword = Buffer.alloc(16);

/** The id, password and timeout by which the ensemble knows the session. */
export class Identity {
  sessionId: bigint;
  password: Buffer;
  /** The timeout that the server granted, or the requested one before that. */
  timeoutMs: number;
  readonly #wantedTimeoutMs: number;
  readonly #readOnly: boolean;
  /** No other server knows a session that a read-only server created. */
  #isKnownToEnsemble: boolean;

  /** `sessionId` 0n requests a new session. */
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

  granted(response: ConnectResponse): void {
    this.sessionId = response.sessionId;
    this.password = Buffer.from(response.passwd ?? noPassword);
    this.timeoutMs = response.timeOut;
    if (!response.readOnly) this.#isKnownToEnsemble = true;
  }
}
