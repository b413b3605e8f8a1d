/**
 * Measures watch notifications. All connections watch one node, and one client sets that node. The measured time ends
 * when the last connection has its event.
 */
import { getFrame, patchXid, setFrame, XID_OFFSET } from './frames.js';
import type { Recorder } from './recorder.js';
import { WireConnection } from './wire-connection.js';

const EVENT_XID = -1;

export class FanoutRounds {
  private readonly watchers: Watcher[] = [];
  private readonly setter: Setter;
  private registered = 0;
  private notified = 0;
  private setAt = 0;
  private isStopped = false;

  constructor(
    port: number,
    count: number,
    path: string,
    data: Uint8Array,
    private readonly recorder: Recorder,
    private readonly onIdle: () => void,
  ) {
    this.setter = new Setter(port, setFrame(path, data), recorder);
    for (let index = 0; index < count; index++) this.watchers.push(new Watcher(port, path, this, recorder));
  }

  get connections(): WireConnection[] {
    return [this.setter, ...this.watchers];
  }

  start(): void {
    this.registered = 0;
    this.notified = 0;
    for (const watcher of this.watchers) watcher.register();
  }

  stop(): void {
    this.isStopped = true;
  }

  onRegistered(): void {
    this.registered += 1;
    if (this.registered < this.watchers.length) return;
    this.setAt = performance.now();
    this.setter.set();
  }

  onNotified(now: number): void {
    this.notified += 1;
    if (this.notified < this.watchers.length) return;
    if (this.recorder.measuring) {
      this.recorder.operations += this.watchers.length;
      this.recorder.histogram.record(now - this.setAt);
    }
    if (this.isStopped) this.onIdle();
    else this.start();
  }

  onFailure(error: Error): void {
    this.recorder.fail(error.message);
    this.onIdle();
  }
}

class Watcher extends WireConnection {
  private readonly frame: Buffer;
  private xids = 0;

  constructor(
    port: number,
    path: string,
    private readonly rounds: FanoutRounds,
    private readonly recorder: Recorder,
  ) {
    super(port);
    this.frame = getFrame(path, true);
  }

  register(): void {
    patchXid(this.frame, XID_OFFSET, ++this.xids);
    this.socket.write(this.frame);
  }

  protected onReply(xid: number, error: number): void {
    if (xid === EVENT_XID) {
      this.rounds.onNotified(this.now);
      return;
    }
    if (error !== 0) this.recorder.fail(`A watched get had error ${error}.`);
    if (xid !== this.xids) this.recorder.fail(`A reply had xid ${xid}, expected ${this.xids}.`);
    this.rounds.onRegistered();
  }

  protected onChunkEnd(): void {}

  protected onFailure(error: Error): void {
    this.rounds.onFailure(error);
  }
}

class Setter extends WireConnection {
  private xids = 0;

  constructor(
    port: number,
    private readonly frame: Buffer,
    private readonly recorder: Recorder,
  ) {
    super(port);
  }

  set(): void {
    patchXid(this.frame, XID_OFFSET, ++this.xids);
    this.socket.write(this.frame);
  }

  protected onReply(_xid: number, error: number): void {
    if (error !== 0) this.recorder.fail(`A set had error ${error}.`);
  }

  protected onChunkEnd(): void {}

  protected onFailure(error: Error): void {
    this.recorder.fail(error.message);
  }
}
