import { ProtocolError } from '@nodekeeper/protocol';
import type { ServerMeter } from '../meters/server-meter.js';
import type { Client } from './client.js';

interface RequestLimits {
  /**
   * Maximum number of requests in progress over all clients. Above this number, the server stops reading from clients
   * with requests in progress.
   */
  readonly globalOutstandingLimit: number;
  /** A request with more bytes than this counts as large. With -1, no request counts as large. */
  readonly largeRequestThresholdBytes: number;
  readonly largeRequestMaxBytes: number;
}

/**
 * The lane multiplies the bytes of a multi by this factor before it adds them to the bytes of the waiting requests.
 * Other requests have the factor 1. A multi counts more, because all multis in flight may be applied together.
 */
export const multiWeight = 8;

/**
 * Counts the requests of all clients that are accepted but not answered yet, and limits their number and size (spec
 * 8.3).
 */
export class Requests {
  outstanding = 0;
  largeBytes = 0;
  readonly #limits: RequestLimits;
  readonly #meter: ServerMeter;

  constructor(limits: RequestLimits, meter: ServerMeter) {
    this.#limits = limits;
    this.#meter = meter;
  }

  startOver(): void {
    this.outstanding = 0;
    this.largeBytes = 0;
  }

  taken(): void {
    this.outstanding++;
  }

  answered(): void {
    this.outstanding--;
  }

  /**
   * Subtracts a disconnected client's unanswered requests from the counts. Requests that need a commit or a
   * confirmation are subtracted elsewhere.
   */
  abandoned(client: Client): void {
    this.largeBytes -= client.largeRequestBytes;
    this.outstanding -= client.lane.deferredCount;
  }

  /**
   * Called after each accepted request. Stops reading from the client if its lane is full, or if the server exceeds
   * `globalOutstandingLimit`. Does nothing if all requests of the client are answered. Throws `ProtocolError` if the
   * large requests of all clients exceed `largeRequestMaxBytes`.
   */
  throttle(client: Client, requestBytes: number, weight: number): void {
    const { lane } = client;
    if (lane.length === 0) return;
    const { largeRequestThresholdBytes, largeRequestMaxBytes } = this.#limits;
    const isLarge = largeRequestThresholdBytes > 0 && requestBytes > largeRequestThresholdBytes;
    lane.noteSize(requestBytes, isLarge, weight);
    if (lane.isFull || this.#isOverLimit) client.connection.stopReading();
    if (!isLarge) return;
    client.largeRequestBytes += requestBytes;
    this.largeBytes += requestBytes;
    if (this.largeBytes <= largeRequestMaxBytes) return;
    this.#meter.largeRequestRejected();
    throw new ProtocolError(
      `large requests in flight add up to ${this.largeBytes} bytes, more than largeRequestMaxBytes (${largeRequestMaxBytes})`,
    );
  }

  get #isOverLimit(): boolean {
    return this.outstanding > this.#limits.globalOutstandingLimit;
  }

  resumeIfFree(client: Client): void {
    const { lane, connection } = client;
    if (!client.isServed || client.isAuthenticating || connection.state !== 'open') return;
    const answeredBytes = lane.takeLargeAnswered();
    this.largeBytes -= answeredBytes;
    client.largeRequestBytes -= answeredBytes;
    if (connection.transport.unsentBytes > 0 || !lane.hasRoom) return;
    if (!(this.#isOverLimit && lane.length > 0)) connection.resumeReading();
  }
}
