import * as fs from 'node:fs';
import type { FileKind } from '../disk.js';

/** Thrown if a path names something other than a regular file. */
export class NotAFile extends Error {
  readonly code = 'EFTYPE';

  constructor(kind: FileKind) {
    super(`it is a ${kind}, not a file. Move it away`);
  }
}

/** Returns the kind of file at a path, or undefined if nothing exists at the path. Symbolic links are followed. */
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

/** `O_NONBLOCK` is zero if the system has no such flag. */
const { O_RDONLY, O_NONBLOCK = 0 } = fs.constants;

/** Opens a regular file. Fails for any other kind, because reading a FIFO would block and a device may have no end. */
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

/** Returns the text of a regular file. Throws `NotAFile` or the error of the operating system. */
export function readText(path: string): string {
  const descriptor = openRegular(path, O_RDONLY);
  try {
    return fs.readFileSync(descriptor, 'utf8');
  } finally {
    fs.closeSync(descriptor);
  }
}
