import { Summary } from './metric-kinds.js';

/** The last, smallest and largest size of replies or proposals, in bytes; -1 before the first one. */
export class SizeStatistics {
  last = -1;
  min = -1;
  max = -1;

  record(sizeBytes: number): void {
    this.last = sizeBytes;
    if (this.min === -1 || sizeBytes < this.min) this.min = sizeBytes;
    if (sizeBytes > this.max) this.max = sizeBytes;
  }

  reset(): void {
    this.last = -1;
    this.min = -1;
    this.max = -1;
  }
}

/**
 * The server's counters that `srvr`, `stat` and `mntr` print. They are plain numbers, so recording allocates nothing.
 */
export class ServerStatistics {
  packetsReceived = 0;
  packetsSent = 0;
  /** Time from the arrival of a request to its reply, in ms. */
  readonly requestLatencyMs = new Summary('request_latency');
  readonly clientResponseSizeBytes = new SizeStatistics();
  authFailedCount = 0;

  /** Resets the counters for `srst`, except `authFailedCount`. `srst` resets the metrics separately. */
  reset(): void {
    this.packetsReceived = 0;
    this.packetsSent = 0;
    this.requestLatencyMs.reset();
    this.clientResponseSizeBytes.reset();
  }
}

/** The counters of one client connection, which `cons` prints. */
export class ConnectionStatistics {
  packetsReceived = 0;
  packetsSent = 0;
  /** The label of the last answered operation; `NA` before the first one. */
  lastOperation = 'NA';
  lastCxid = -1;
  lastZxid = -1;
  /** Time of the last reply on the monotonic clock. */
  lastResponseTimeMs = 0;
  lastLatencyMs = 0;
  maxLatencyMs = 0;
  #minLatencyMs = Number.POSITIVE_INFINITY;
  #latencySumMs = 0;
  #responses = 0;

  /**
   * Records a reply. A negative `cxid` (of a notification or a ping) leaves `lastCxid` unchanged. `receivedMs` and
   * `answeredMs` are monotonic times.
   */
  recordResponse(operation: string, cxid: number, zxid: number, receivedMs: number, answeredMs: number): void {
    const latencyMs = Math.max(0, answeredMs - receivedMs);
    if (cxid >= 0) this.lastCxid = cxid;
    this.lastZxid = zxid;
    this.lastOperation = operation;
    this.lastResponseTimeMs = answeredMs;
    this.lastLatencyMs = latencyMs;
    if (latencyMs < this.#minLatencyMs) this.#minLatencyMs = latencyMs;
    if (latencyMs > this.maxLatencyMs) this.maxLatencyMs = latencyMs;
    this.#responses++;
    this.#latencySumMs += latencyMs;
  }

  get minLatencyMs(): number {
    return this.#responses === 0 ? 0 : this.#minLatencyMs;
  }

  /** The average, rounded down to whole ms. */
  get averageLatencyMs(): number {
    return this.#responses === 0 ? 0 : Math.floor(this.#latencySumMs / this.#responses);
  }

  reset(): void {
    this.packetsReceived = 0;
    this.packetsSent = 0;
    this.lastOperation = 'NA';
    this.lastCxid = -1;
    this.lastZxid = -1;
    this.lastResponseTimeMs = 0;
    this.lastLatencyMs = 0;
    this.maxLatencyMs = 0;
    this.#minLatencyMs = Number.POSITIVE_INFINITY;
    this.#latencySumMs = 0;
    this.#responses = 0;
  }
}
