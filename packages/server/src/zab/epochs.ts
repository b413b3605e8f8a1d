import { zxidEpoch } from '@nodekeeper/protocol';
import type { Disk } from '../ports/disk.js';
import { readSmallFile, snapshotDirectory, writeFileAtomically } from '../storage/index.js';

const currentName = 'currentEpoch';
const acceptedName = 'acceptedEpoch';
/**
 * The last possible epoch. The zxids of later epochs would not be exact JavaScript numbers. At one election per second,
 * an ensemble reaches this epoch after 24 days.
 */
export const epochMax = 2 ** 21 - 1;

/**
 * Returns the text of the warning when half of the epochs are used. It is also the text of the error when none is left.
 */
export function epochsRunOut(epoch: number): string {
  return (
    `This is epoch ${epoch}, and the last possible one is ${epochMax}: stop all servers before that, and start a new count with ` +
    'nodekeeper new-epochs (docs/epochs.md)'
  );
}

/**
 * The two epochs that a server must not forget (spec 4.4, 3.1). `accepted` is the epoch that the server has promised to
 * follow. `current` is the epoch whose history the server has. A new value is durable before the server sends a message
 * that depends on it.
 */
export class Epochs {
  readonly #disk: Disk;
  readonly #directory: string;
  #current: number;
  #accepted: number;

  /**
   * Reads both epoch files. Throws if they contradict the last logged transaction, because then the files come from
   * different servers or backups.
   */
  constructor(disk: Disk, dataDir: string, lastZxid: number) {
    this.#disk = disk;
    this.#directory = snapshotDirectory(dataDir);
    const epochOfLog = zxidEpoch(Math.max(0, lastZxid));
    this.#current = this.#read(currentName) ?? this.#write(currentName, epochOfLog);
    this.#accepted = this.#read(acceptedName) ?? this.#write(acceptedName, epochOfLog);
    if (epochOfLog > this.#accepted) {
      throw new Error(
        `${this.#directory}/${acceptedName} holds ${this.#accepted}, but the log has transactions of epoch ${epochOfLog}: ` +
          'a file is missing or comes from another server. Restore the files together',
      );
    }
    // If the log ends in a later epoch than currentEpoch, the server stopped during a synchronisation, after writing
    // the log and before writing currentEpoch. The log holds the whole history up to its last transaction. Therefore
    // currentEpoch may become the epoch of that transaction (S-7 ZK-2354).
    if (epochOfLog > this.#current) this.#current = this.#write(currentName, epochOfLog);
    if (this.#accepted < this.#current) {
      throw new Error(
        `${this.#directory}/${acceptedName} holds ${this.#accepted}, which is less than ${currentName}, ${this.#current}: ` +
          'a file comes from another backup or server. Restore the files together',
      );
    }
  }

  get current(): number {
    return this.#current;
  }

  set current(epoch: number) {
    this.#current = this.#write(currentName, epoch);
  }

  get accepted(): number {
    return this.#accepted;
  }

  set accepted(epoch: number) {
    this.#accepted = this.#write(acceptedName, epoch);
  }

  #read(name: string): number | undefined {
    const text = readSmallFile(this.#disk, `${this.#directory}/${name}`)?.trim();
    if (text === undefined) return undefined;
    if (!/^\d+$/.test(text)) throw new Error(`${this.#directory}/${name} holds "${text}" instead of a number`);
    if (Number(text) > epochMax) {
      throw new Error(
        `${this.#directory}/${name} holds ${text}, which is more than ${epochMax}: start a new count with nodekeeper new-epochs`,
      );
    }
    return Number(text);
  }

  #write(name: string, epoch: number): number {
    writeFileAtomically(this.#disk, this.#directory, name, String(epoch));
    return epoch;
  }
}
