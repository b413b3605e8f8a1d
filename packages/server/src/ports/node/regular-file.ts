import * as fs from 'node:fs';
import type { FileKind } from '../disk.js';

/** Another thing has the name of a file. */
export class NotAFile extends Error {
  readonly code = 'EFTYPE';

  constructor(kind: FileKind) {
    super(`it is a ${kind}, not a file: move it away`);
  }
}

/** What a name stands for; links are followed. Undefined: there is nothing. */
export function kindOf(path: string): FileKind | undefined {
  const stats = fs.statSync(path, { throwIfNoEntry: false });
  return stats && kindOfStats(stats);
}

function kindOfStats(stats: fs.Stats): FileKind {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isFIFO()) return 'FIFO';
  if (stats.isSocket()) return 'socket';
  return 'device';
}

/** Zero where the system has no such flag. */
const { O_RDONLY, O_NONBLOCK = 0 } = fs.constants;

/** A descriptor of a file, and of nothing else: a FIFO would keep its reader waiting, and a device has no end. */
export function openRegular(path: string, flags: number, mode?: number): number {
  let descriptor: number;
  try {
    descriptor = fs.openSync(path, flags | O_NONBLOCK, mode);
  } catch (error) {
    const kind = (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : kindOf(path);
    throw kind === undefined || kind === 'file' ? error : new NotAFile(kind);
  }
  const kind = kindOfStats(fs.fstatSync(descriptor));
  if (kind === 'file') return descriptor;
  fs.closeSync(descriptor);
  throw new NotAFile(kind);
}

/** The text of a file. Throws `NotAFile`, and what the system says. */
export function readText(path: string): string {
  const descriptor = openRegular(path, O_RDONLY);
  try {
    return fs.readFileSync(descriptor, 'utf8');
  } finally {
    fs.closeSync(descriptor);
  }
}
