import { type ConnectionStatistics, ServerStatistics } from '../admin/statistics.js';
import type { ServerMeter } from '../meters/server-meter.js';

/** ZooKeeper counts frames without their length field. */
const lengthBytes = 4;

/** Counts packets and bytes, for the server (for a term) and for each connection. */
export class Tally {
  /** As in ZooKeeper, `srvr` counts from the start of a term. */
  statistics = new ServerStatistics();
  readonly #meter: ServerMeter;
  readonly #events: { readonly nowMs: number };

  constructor(meter: ServerMeter, events: { readonly nowMs: number }) {
    this.#meter = meter;
    this.#events = events;
  }

  startOver(): void {
    this.statistics = new ServerStatistics();
  }

  received(bytes: number): void {
    this.#meter.bytesReceived.add(bytes);
  }

  frameReceived(connection: ConnectionStatistics): void {
    connection.packetsReceived++;
    this.statistics.packetsReceived++;
  }

  connectionDropped(): void {
    this.#meter.connectionDropped();
  }

  /** A reply of this size was written. */
  replied(connection: ConnectionStatistics, bytes: number): void {
    this.#meter.responseBytes.add(bytes - lengthBytes);
    this.sent(connection, bytes);
  }

  sent(connection: ConnectionStatistics, bytes: number): void {
    connection.packetsSent++;
    this.statistics.packetsSent++;
    this.statistics.clientResponseSizeBytes.record(bytes - lengthBytes);
  }

  /** A four-letter word came and is answered. */
  wordAnswered(connection: ConnectionStatistics): void {
    connection.packetsSent++;
    this.statistics.packetsSent++;
  }

  readAnswered(connection: ConnectionStatistics, label: string, xid: number, zxid: number, receivedMs: number): void {
    this.#meter.readAnswered(this.#answered(connection, label, xid, zxid, receivedMs));
  }

  writeAnswered(connection: ConnectionStatistics, label: string, xid: number, zxid: number, receivedMs: number): void {
    this.#meter.writeAnswered(this.#answered(connection, label, xid, zxid, receivedMs));
  }

  #answered(connection: ConnectionStatistics, label: string, xid: number, zxid: number, receivedMs: number): number {
    const { nowMs } = this.#events;
    const latencyMs = Math.round(nowMs - receivedMs);
    this.statistics.requestLatencyMs.add(latencyMs);
    connection.recordResponse(label, xid, zxid, receivedMs, nowMs);
    return latencyMs;
  }
}
