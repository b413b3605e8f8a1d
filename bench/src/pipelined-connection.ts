/**
 * Keeps a fixed number of requests in flight. When a chunk with several replies arrives, it sends as many new requests
 * in one write.
 */
import { type FrameRing, patchDigits, patchXid, XID_OFFSET } from './frames.js';
import type { Recorder } from './recorder.js';
import { WireConnection } from './wire-connection.js';

export interface PipelineOptions {
  ring: FrameRing;
  window: number;
  recorder: Recorder;
  /**
   * The position in each frame at which the digits of the node's name begin. The digits count up from 0. Absent if the
   * names never change.
   */
  digitsOffset?: number;
  /** Called once: when the connection breaks, or when the last reply arrives after `stop` or after `limit` requests. */
  onIdle?: () => void;
  /** The total number of requests to send. If it is absent, the connection sends requests until `stop`. */
  limit?: number;
}

export class PipelinedConnection extends WireConnection {
  private readonly ring: FrameRing;
  private readonly window: number;
  private readonly recorder: Recorder;
  private readonly digitsOffset: number;
  private readonly limit: number;
  private readonly onIdle: (() => void) | undefined;
  private readonly frames: Buffer[] = [];
  private readonly sentAt: Float64Array;
  private sent = 0;
  private answered = 0;
  private cursor = 0;
  private sendSlot = 0;
  private replySlot = 0;
  private isStarted = false;
  private isStopped = false;
  private isIdle = false;
  private isBlocked = false;

  constructor(port: number, options: PipelineOptions) {
    super(port);
    this.ring = options.ring;
    this.window = options.window;
    this.recorder = options.recorder;
    this.digitsOffset = options.digitsOffset ?? -1;
    this.limit = options.limit ?? Number.POSITIVE_INFINITY;
    this.onIdle = options.onIdle;
    this.sentAt = new Float64Array(this.window);
    for (let index = 0; index < this.ring.size; index++) {
      this.frames.push(this.ring.bytes.subarray(this.ring.starts[index], this.ring.starts[index + 1]));
    }
  }

  start(): void {
    this.isStarted = true;
    this.now = performance.now();
    this.fillWindow();
  }

  stop(): void {
    this.isStopped = true;
    if (this.sent === this.answered) this.endIdle();
  }

  protected onReply(xid: number, error: number): void {
    const { recorder } = this;
    this.answered += 1;
    if (error !== 0) recorder.fail(`A reply had error ${error}.`);
    if (xid !== this.answered) recorder.fail(`A reply had xid ${xid}, expected ${this.answered}.`);
    if (recorder.measuring) {
      recorder.operations += 1;
      recorder.histogram.record(this.now - this.sentAt[this.replySlot]!);
    }
    this.replySlot = this.replySlot + 1 === this.window ? 0 : this.replySlot + 1;
  }

  protected onChunkEnd(): void {
    if (this.isBlocked || !this.isStarted) return;
    if (!this.isStopped) this.fillWindow();
    if (this.isStopped && this.sent === this.answered) this.endIdle();
  }

  protected onFailure(error: Error): void {
    this.recorder.fail(error.message);
    this.isStopped = true;
    this.endIdle();
  }

  private endIdle(): void {
    if (this.isIdle) return;
    this.isIdle = true;
    this.onIdle?.();
  }

  private fillWindow(): void {
    let room = this.window - (this.sent - this.answered);
    if (this.sent + room >= this.limit) {
      room = this.limit - this.sent;
      this.isStopped = true;
    }
    if (room > 0) this.send(room);
  }

  private send(count: number): void {
    const { bytes, starts, size } = this.ring;
    const first = this.cursor;
    for (let index = first; index < first + count; index++) {
      const start = starts[index]!;
      if (this.digitsOffset >= 0) patchDigits(bytes, start + this.digitsOffset, this.sent);
      this.sent += 1;
      patchXid(bytes, start + XID_OFFSET, this.sent);
      this.sentAt[this.sendSlot] = this.now;
      this.sendSlot = this.sendSlot + 1 === this.window ? 0 : this.sendSlot + 1;
    }
    this.cursor = (first + count) % size;
    const one = count === 1 && first < size;
    this.socket.write(one ? this.frames[first]! : bytes.subarray(starts[first], starts[first + count]));
    if (this.socket.writableLength > 0) this.waitForKernel();
  }

  /**
   * Called when the kernel did not take all bytes at once. The frames must not be patched until the kernel has taken
   * their bytes.
   */
  private waitForKernel(): void {
    this.isBlocked = true;
    setImmediate(() => {
      if (this.socket.destroyed) return;
      if (this.socket.writableLength > 0) return this.waitForKernel();
      this.isBlocked = false;
      this.now = performance.now();
      this.onChunkEnd();
    });
  }
}
