import { type ConnectionStatistics, ServerStatistics } from '../admin/statistics.js';
import type { ServerMeter } from '../meters/server-meter.js';

/** Size of a frame's length field, which ZooKeeper does not include in the size of a reply. */
const lengthBytes = 4;

/** Counts packets and bytes: for the server since the start of the term, and for each connection. */
export class Tally {
  /** The counters that `srvr` prints. As in ZooKeeper, they restart at the beginning of each term. */
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

  /** Counts a reply. `bytes` is the size of the whole frame, with its length field. */
  replied(connection: ConnectionStatistics, bytes: number): void {
    this.#meter.responseBytes.add(bytes - lengthBytes);
    this.sent(connection, bytes);
  }

  sent(connection: ConnectionStatistics, bytes: number): void {
    connection.packetsSent++;
    this.statistics.packetsSent++;
    this.statistics.clientResponseSizeBytes.record(bytes - lengthBytes);
  }

  /** Counts the answer to a four-letter word. */
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
