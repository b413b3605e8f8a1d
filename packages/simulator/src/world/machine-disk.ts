import { DiskError, type DiskFile, type DiskOpenMode, SimulatedDisk } from '@nodekeeper/server/testing';
import type { Process } from './process.js';

/** Why the disk refuses: out of room until then, or a device error once. */
interface DiskTrouble {
  fullUntilMs: number;
  /** The next so many syncs and writes fail. */
  errorsLeft: number;
  /** So many times a file cannot be removed, or made shorter. */
  failsToCut: number;
  /** Syncs take so many times longer until then. */
  slowUntilMs: number;
  slowFactor: number;
  /** Nothing that it is asked for ends before then, and nothing fails. */
  hangsUntilMs: number;
}

const needRoom = new Set(['write', 'open', 'truncate']);

/** The disk of one machine: completions come when the world's clock says so. */
export class MachineDisk extends SimulatedDisk {
  readonly trouble: DiskTrouble = {
    fullUntilMs: 0,
    errorsLeft: 0,
    failsToCut: 0,
    slowUntilMs: 0,
    slowFactor: 1,
    hangsUntilMs: 0,
  };
  /** Faults that were told to the server since it started: it may end with them. */
  faultsTold = 0;
  /** The server has read its files. */
  isInUse = false;
  process!: Process;
  latencyMs = 1;
  /** Told when a file gets a new content under this name. */
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
    // most are quick, some take ten times as long
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

  /** A log that is opened to be cut, or a file that has to go. */
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

  /** Lets the faults that are due happen. */
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
