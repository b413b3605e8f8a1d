import * as fs from 'node:fs';
import type { DiskLock } from '../disk.js';
import { readText } from './regular-file.js';

/**
 * Creates a lock file that identifies the process that holds the lock, by its pid and start time. So the lock of a
 * killed process never blocks another server, even if the pid is in use again. Returns undefined if the process that
 * holds the lock is alive.
 */
export function lockFile(path: string): DiskLock | undefined {
  const own = `${process.pid} ${startOf(process.pid)}\n`;
  const draft = `${path}.${process.pid}`;
  fs.writeFileSync(draft, own);
  try {
    for (;;) {
      if (linkUnlessThere(draft, path, own)) return { release: () => release(path, own) };
      const holder = readIfThere(path);
      if (holder === undefined) continue;
      if (isAlive(holder)) return undefined;
      if (!discardStale(path, holder)) return undefined;
    }
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/**
 * Creates the lock file as a hard link to the file `draft`, because a hard link appears atomically with its content. On
 * a file system without hard links, this function writes a new file. Returns false if the lock file already exists.
 */
function linkUnlessThere(draft: string, path: string, content: string): boolean {
  try {
    fs.linkSync(draft, path);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS' && code !== 'EOPNOTSUPP') throw error;
  }
  try {
    fs.writeFileSync(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Renames a stale lock file and then deletes it. If another process has replaced the lock file since it was read, this
 * function restores the file and returns false.
 */
function discardStale(path: string, holder: string): boolean {
  const aside = `${path}.${process.pid}.stale`;
  try {
    fs.renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
  const stale = readIfThere(aside) === holder;
  if (stale) fs.rmSync(aside, { force: true });
  else fs.renameSync(aside, path);
  return stale;
}

function release(path: string, own: string): void {
  if (readIfThere(path) === own) fs.rmSync(path, { force: true });
}

function readIfThere(path: string): string | undefined {
  try {
    return readText(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(holder: string): boolean {
  const [pidText, start = ''] = holder.trim().split(' ');
  const pid = Number(pidText);
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return start === startOf(pid);
}

/**
 * Returns the id of the machine's current boot and the clock tick at which a process started, as one text. Returns an
 * empty text if the system does not report them.
 */
function startOf(pid: number): string {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie process counts as dead: it remains only until its parent reads its exit code.
    if (fields[0] === 'Z') return 'ended';
    return `${fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`;
  } catch {
    return '';
  }
}
