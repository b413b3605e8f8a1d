import { DiskError, type DiskFile, type DiskOpenMode, type Process, SimulatedDisk } from '@nodekeeper/server/testing';
import type { World } from './world.js';

/** The current faults of a disk. */
interface DiskTrouble {
  fullUntilMs: number;
  /** The number of syncs and writes that will fail. */
  errorsLeft: number;
  /** The number of removals or truncations of a log file that will fail. */
  failsToCut: number;
  /** Until this time, operations take `slowFactor` times as long. */
  slowUntilMs: number;
  slowFactor: number;
  /** Before this time, no operation completes or fails. */
  hangsUntilMs: number;
}

const needRoom = new Set(['write', 'open', 'truncate']);

/** The disk of one machine. The world's clock decides when operations complete. */
export class MachineDisk extends SimulatedDisk {
  readonly trouble: DiskTrouble = {
    fullUntilMs: 0,
    errorsLeft: 0,
    failsToCut: 0,
    slowUntilMs: 0,
    slowFactor: 1,
    hangsUntilMs: 0,
  };
  /**
   * The number of faults that the disk has reported to the server since the server's start. The server may end because
   * of them.
   */
  faultsTold = 0;
  /** True if the server has loaded its files. */
  isInUse = false;
  process!: Process<World>;
  latencyMs = 1;
  /** Called with the new path when a file is renamed. */
  onRenamed: (path: string) => void = () => {};
  readonly #random: () => number;
  #hanging: (() => void)[] = [];

  constructor(random: () => number) {
    super();
    this.#random = random;
  }

  override later(action: () => void): void {
    const { nowMs } = this.process.world;
    const factor = nowMs < this.trouble.slowUntilMs ? this.trouble.slowFactor : 1;
    // most operations are quick, but one in ten may take ten times as long
    const tail = this.#random() < 0.1 ? 10 : 1;
    const { life } = this.process;
    this.process.post((0.05 + this.#random() * this.latencyMs * tail) * factor, () => {
      if (this.process.world.nowMs >= this.trouble.hangsUntilMs) action();
      else this.#hanging.push(() => life === this.process.life && this.process.post(0, action));
    });
  }

  hang(durationMs: number): void {
    this.trouble.hangsUntilMs = this.process.world.nowMs + durationMs;
    this.process.world.after(durationMs, () => this.#goOn());
  }

  #goOn(): void {
    if (this.process.world.nowMs < this.trouble.hangsUntilMs) return;
    const hanging = this.#hanging;
    this.#hanging = [];
    for (const each of hanging) each();
  }

  /** Throws an error if the disk must fail to open a log for truncation, or to remove a log. */
  #failToCut(operation: string, path: string): void {
    if (this.trouble.failsToCut === 0 || !this.isInUse || !path.includes('/log.')) return;
    this.trouble.failsToCut--;
    this.faultsTold++;
    this.process.world.note(`${this.process.name} disk ${operation} ${path} fails: EIO`);
    throw new DiskError('EIO', operation, path);
  }

  override open(path: string, mode: DiskOpenMode): DiskFile {
    if (mode === 'write') this.#failToCut('open', path);
    return super.open(path, mode);
  }

  override remove(path: string): void {
    this.#failToCut('remove', path);
    super.remove(path);
  }

  override rename(from: string, to: string): void {
    super.rename(from, to);
    this.onRenamed(to);
  }

  /** Called when the server starts. From then on, the disk reports its faults to the server. */
  arm(): void {
    this.faultsTold = 0;
    this.isInUse = false;
    this.fault = (operation) => this.#faultOf(operation);
  }

  #faultOf(operation: string): string | undefined {
    const { trouble } = this;
    let code: string | undefined;
    if (this.process.world.nowMs < trouble.fullUntilMs && needRoom.has(operation)) code = 'ENOSPC';
    else if (trouble.errorsLeft > 0 && (operation === 'fsync' || operation === 'write' || operation === 'rename')) {
      trouble.errorsLeft--;
      code = 'EIO';
    }
    if (code === undefined) return undefined;
    this.faultsTold++;
    this.process.world.note(`${this.process.name} disk ${operation} fails: ${code}`);
    return code;
  }

  heal(): void {
    this.trouble.fullUntilMs = 0;
    this.trouble.errorsLeft = 0;
    this.trouble.failsToCut = 0;
    this.trouble.slowUntilMs = 0;
    this.trouble.hangsUntilMs = 0;
    this.#goOn();
    this.crashAtStep = Number.POSITIVE_INFINITY;
  }
}
