import type { Metrics } from '../admin/metrics.js';
import { NamespaceTraffic } from '../admin/namespace-meter.js';

/** What a server counts of its own work. Metrics are taken out once: an object with as many fields is slow to look into. */
export class CoreMeter {
  readonly readTraffic: NamespaceTraffic;
  readonly writeTraffic: NamespaceTraffic;
  readonly bytesReceived;
  readonly readLatency;
  readonly updateLatency;
  readonly #propagationLatency;
  readonly #batchSize;
  readonly #fsyncTime;
  readonly #watchBytes;
  readonly #watchCounts;

  constructor(metrics: Metrics) {
    this.readTraffic = new NamespaceTraffic(metrics.readPerNamespace);
    this.writeTraffic = new NamespaceTraffic(metrics.writePerNamespace);
    this.bytesReceived = metrics.bytesReceivedCount;
    this.readLatency = metrics.readlatency;
    this.updateLatency = metrics.updatelatency;
    this.#propagationLatency = metrics.propagationLatency;
    this.#batchSize = metrics.syncProcessorBatchSize;
    this.#fsyncTime = metrics.fsynctime;
    this.#watchBytes = metrics.watchBytes;
    this.#watchCounts = [
      metrics.nodeCreatedWatchCount,
      metrics.nodeDeletedWatchCount,
      metrics.nodeChangedWatchCount,
      metrics.nodeChildrenWatchCount,
    ];
  }

  batchLogged(count: number, syncMs: number): void {
    this.#batchSize.add(count);
    this.#fsyncTime.add(Math.round(syncMs));
  }

  /** From the making of a txn, on its maker's clock, until it is applied here. */
  applied(latencyMs: number): void {
    if (latencyMs >= 0) this.#propagationLatency.add(latencyMs);
  }

  watchesTriggered(eventType: number, watchers: number, bytes: number): void {
    this.#watchCounts[eventType - 1].add(watchers);
    // Apache counts without the length in front
    this.#watchBytes.add(watchers * (bytes - 4));
  }
}
