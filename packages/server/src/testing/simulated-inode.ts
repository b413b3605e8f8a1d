import type { FileKind } from '../ports/disk.js';

export type Change = { kind: 'write'; position: number; bytes: Buffer } | { kind: 'truncate'; length: number };

const sectorSize = 512;

/** A file on a simulated disk: its synced bytes, and the bytes that only the operating system has. */
export class Inode {
  kind: FileKind = 'file';
  current: Buffer = Buffer.alloc(0);
  durable: Buffer = Buffer.alloc(0);
  /** Changes since the last sync, which the next sync makes durable. */
  pending: Change[] = [];
  /**
   * Changes that a failed sync dropped. No later sync writes them, but a crash may reveal that some of them reached the
   * disk.
   */
  doomed: Change[] = [];

  change(change: Change): void {
    this.pending.push(change);
    this.current = changed(this.current, change);
  }

  sync(): void {
    for (const change of this.pending) this.#settle(change);
    this.pending = [];
  }

  /**
   * Makes a change durable. A truncation also shortens the changes in `doomed`, so that a later crash cannot bring back
   * bytes that the truncation removed.
   */
  #settle(change: Change): void {
    this.durable = changed(this.durable, change);
    if (change.kind === 'truncate') this.doomed = this.doomed.flatMap((other) => within(other, change.length));
  }

  /**
   * Makes one write durable, and also all earlier changes of the file's length, because the file system journals these
   * in order. Other writes remain unsynced.
   */
  syncOne(change: Change): void {
    const before = this.pending.slice(0, this.pending.indexOf(change));
    for (const earlier of before) if (earlier.kind === 'truncate') this.#settle(earlier);
    this.#settle(change);
    this.pending = this.pending.filter(
      (other) => other !== change && !(before.includes(other) && other.kind === 'truncate'),
    );
  }

  failSync(): void {
    this.doomed.push(...this.pending);
    this.pending = [];
  }

  settle(): void {
    this.durable = Buffer.from(this.current);
    this.pending = [];
    this.doomed = [];
  }

  crash(random: () => number): void {
    const mode = Math.floor(random() * 4);
    const changes = [...this.doomed, ...this.pending];
    const kept = Math.floor(random() * (changes.length + 1));
    for (const [index, change] of changes.entries()) {
      if (mode === 0) continue;
      if (mode === 1 || index < kept) this.durable = changed(this.durable, change);
      else if (mode === 2 && index === kept) this.durable = changed(this.durable, torn(change, random()));
      else if (mode === 3) this.durable = withSectorsLost(this.durable, change, random);
    }
    this.current = Buffer.from(this.durable);
    this.pending = [];
    this.doomed = [];
  }
}

function changed(content: Buffer, change: Change): Buffer {
  if (change.kind === 'truncate') {
    if (change.length <= content.length) return Buffer.from(content.subarray(0, change.length));
    return Buffer.concat([content, Buffer.alloc(change.length - content.length)]);
  }
  const end = change.position + change.bytes.length;
  const result =
    end > content.length ? Buffer.concat([content, Buffer.alloc(end - content.length)]) : Buffer.from(content);
  change.bytes.copy(result, change.position);
  return result;
}

/**
 * Limits a change to the bytes that remain when the file is truncated to this length. The result is empty if none
 * remain.
 */
function within(change: Change, length: number): Change[] {
  if (change.kind === 'truncate') return change.length <= length ? [change] : [];
  if (change.position >= length) return [];
  return [{ ...change, bytes: change.bytes.subarray(0, length - change.position) }];
}

/** Shortens a write, as a crash may do. `part` is the fraction of the bytes that remains, from 0 to 1. */
export function torn(change: Change, part: number): Change {
  if (change.kind === 'truncate') return change;
  return { ...change, bytes: change.bytes.subarray(0, Math.floor(change.bytes.length * part)) };
}

/** Applies a random part of a change: any of the sectors of a write, and perhaps the new length of the file. */
function withSectorsLost(content: Buffer, change: Change, random: () => number): Buffer {
  if (change.kind === 'truncate') return random() < 0.5 ? changed(content, change) : content;
  let result = content;
  const end = change.position + change.bytes.length;
  for (let from = change.position; from < end; ) {
    const to = Math.min(end, (Math.floor(from / sectorSize) + 1) * sectorSize);
    const bytes = change.bytes.subarray(from - change.position, to - change.position);
    if (random() < 0.5) result = changed(result, { kind: 'write', position: from, bytes });
    from = to;
  }
  if (random() < 0.5 && end > result.length) result = changed(result, { kind: 'truncate', length: end });
  return result;
}
