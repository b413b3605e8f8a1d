import { ProtocolError } from '@nodekeeper/protocol';
import type { ServerMeter } from '../meters/server-meter.js';
import type { Client } from './client.js';

interface RequestLimits {
  /** Requests on their way in all; beyond that, connections that have some of them are not read from. */
  readonly globalOutstandingLimit: number;
  /** A request longer than this counts as large; -1: none does. */
  readonly largeRequestThresholdBytes: number;
  readonly largeRequestMaxBytes: number;
}

/** A byte of a multi costs as much as so many of another write: all in flight may be applied in one go. */
export const multiWeight = 8;

/** Requests taken in and not answered, over all clients, and the limits on them (inventory 8.3). */
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

  /** The client is gone: what of it needed nothing but its turn is not answered any more. */
  abandoned(client: Client): void {
    this.largeBytes -= client.largeRequestBytes;
    this.outstanding -= client.lane.deferredCount;
  }

  /**
   * Stops reading from a client that has much on its way, or anything while the server has too much. Throws
   * `ProtocolError` when the large requests of all clients are too much.
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
