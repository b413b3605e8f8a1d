import type { ZooKeeper } from '@nodekeeper/client';
import { callerOf } from '../foundation/recipe-options.js';
import { firstOnly, type TurnRule, WaitingLine } from '../line/waiting-line.js';
import { type ExclusiveOptions, exclusiveChecks } from './lock.js';
import { ReadLock } from './read-lock.js';
import { WriteLock } from './write-lock.js';

const markers = {
  curator: { write: '-__WRIT__', read: '-__READ__' },
  kazoo: { write: '__lock__', read: '__rlock__' },
} as const;

/**
 * A lock that many readers or one writer can hold. The order of asking decides, so readers and writers cannot starve
 * each other. The nodes are those of Curator's `InterProcessReadWriteLock`, or of kazoo's `ReadLock` and `WriteLock`.
 */
export class ReadWriteLock {
  /** The lock for reading. It waits for the nearest writer before it. */
  readonly read: ReadLock;
  /** The lock for writing. It waits for all readers and writers before it. */
  readonly write: WriteLock;

  /** @param path the directory of the lock; it is created when it is needed */
  constructor(zk: ZooKeeper, path: string, options: ExclusiveOptions = {}) {
    const caller = callerOf(zk, 'ReadWriteLock', path, options, exclusiveChecks);
    const { naming = 'curator', policy = 'suspend', data = '' } = options;
    const { write, read } = markers[naming];
    // a reader with the number of a writer is the same client after a downgrade, so it comes after the writer
    const lineOf = (marker: string) => new WaitingLine(caller, { naming, marker, markers: [write, read] });
    const nearestWriter: TurnRule = (entries, own) => entries.slice(0, own).findLast(({ marker }) => marker === write);
    this.read = new ReadLock(lineOf(read), nearestWriter, policy, data);
    this.write = new WriteLock(lineOf(write), firstOnly, policy, data, this.read);
  }
}
