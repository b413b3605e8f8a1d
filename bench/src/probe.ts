/**
 * A light probe, which sends a get and a set at a fixed pace. It does not wait for replies. A pause of the server
 * therefore delays every request that is sent during the pause.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { getFrame, patchXid, setFrame, XID_OFFSET } from './frames.js';
import { Histogram, type LatencySummary } from './histogram.js';
import { WireConnection } from './wire-connection.js';

const PACE_MS = 5;

export interface ProbeResult {
  get: LatencySummary;
  set: LatencySummary;
  errors: number;
}

/** Probes the existing node at `path` for the given seconds. Rejects when a connection breaks. */
export async function probe(port: number, path: string, data: Uint8Array, seconds: number): Promise<ProbeResult> {
  const gets = await new ProbeConnection(port, getFrame(path)).open();
  const sets = await new ProbeConnection(port, setFrame(path, data)).open();
  const timer = setInterval(() => {
    gets.send();
    sets.send();
  }, PACE_MS);
  await delay(seconds * 1000);
  clearInterval(timer);
  await Promise.all([gets.close(), sets.close()]);
  const broken = gets.failure ?? sets.failure;
  if (broken) throw broken;
  return { get: gets.histogram.summary(), set: sets.histogram.summary(), errors: gets.errors + sets.errors };
}

/** Sends one request repeatedly, and records the time of each reply. */
export class ProbeConnection extends WireConnection {
  readonly histogram = new Histogram();
  errors = 0;
  private readonly sentAt: number[] = [];
  private xids = 0;

  constructor(
    port: number,
    private readonly frame: Buffer,
  ) {
    super(port);
  }

  send(): void {
    if (this.failure) return;
    patchXid(this.frame, XID_OFFSET, ++this.xids);
    this.sentAt.push(performance.now());
    this.socket.write(Buffer.from(this.frame));
  }

  /**
   * Waits until all requests have a reply. At the limit, a request without a reply counts with the time that it has
   * waited.
   */
  async answered(limitMs: number): Promise<void> {
    const untilMs = performance.now() + limitMs;
    while (this.sentAt.length > 0 && performance.now() < untilMs && !this.failure) await delay(PACE_MS);
    for (const sentMs of this.sentAt.splice(0)) this.histogram.record(performance.now() - sentMs);
  }

  protected onReply(_xid: number, error: number): void {
    if (error !== 0) this.errors += 1;
    this.histogram.record(this.now - this.sentAt.shift()!);
  }

  protected onChunkEnd(): void {}
  protected onFailure(): void {}
}
