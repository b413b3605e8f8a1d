import { ProtocolError } from '@nodekeeper/protocol';
import type { ServerMeter } from '../meters/server-meter.js';
import type { Client } from './client.js';

interface RequestLimits {
  /**
   * The limit on requests in progress over all clients. Above it, connections with requests in progress are not read.
   */
  readonly globalOutstandingLimit: number;
  /** A longer request counts as large; -1: no request does. */
  readonly largeRequestThresholdBytes: number;
  readonly largeRequestMaxBytes: number;
}

/**
 * A byte of a multi costs as much as this many bytes of another write, because all multis in flight may be applied
 * together.
 */
export const multiWeight = 8;

/** Counts the accepted, unanswered requests of all clients, and enforces their limits (spec 8.3). */
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

  /** The client is gone: its requests that wait for no commit are never answered. */
  abandoned(client: Client): void {
    this.largeBytes -= client.largeRequestBytes;
    this.outstanding -= client.lane.deferredCount;
  }

  /**
   * Stops reading from a client with many requests in progress. While the server is over its limit, it stops reading
   * from any client with a request in progress. Throws `ProtocolError` if the large requests of all clients exceed
   * their limit.
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
