import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The disk space for one server's data. `fill` makes the disk full, and `free` gives it space again. */
export interface Space {
  /**
   * Makes the disk full. `pid` is the server's process, for kinds of space that limit the process instead of a disk.
   */
  fill(pid: number): void;
  free(): void;
  /** Removes the space, possibly with the data in it. Copy the data before this call. */
  release(): void;
}

export interface SpaceKind {
  readonly name: string;
  make(directory: string): Space;
}

const plentyBytes = 2 * 1024 * 1024 * 1024;
const mounted = new Set<string>();
process.on('exit', () => {
  for (const directory of mounted) spawnSync('umount', ['--lazy', directory]);
});

/**
 * A memory file system for each server. To make it full, its size is reduced to the size of its contents. The chaos
 * process needs the right to mount.
 */
const memoryFileSystem: SpaceKind = {
  name: 'tmpfs',
  make(directory) {
    mkdirSync(directory, { recursive: true });
    mount(directory, plentyBytes);
    mounted.add(directory);
    return {
      fill() {
        const { bsize, blocks, bfree } = statfsSync(directory);
        remount(directory, (blocks - bfree + 1) * bsize);
      },
      free: () => remount(directory, plentyBytes),
      release() {
        spawnSync('umount', ['--lazy', directory]);
        mounted.delete(directory);
      },
    };
  },
};

/**
 * For machines on which the chaos process may not mount. Limits the size of each file that the server writes, to 4096
 * bytes. The limit ends when the server restarts.
 */
const fileSizeLimit: SpaceKind = {
  name: 'prlimit --fsize',
  make(directory) {
    mkdirSync(directory, { recursive: true });
    return {
      fill: (pid) => void execFileSync('prlimit', [`--pid=${pid}`, '--fsize=4096']),
      free() {},
      release() {},
    };
  },
};

const plainDirectory: SpaceKind = {
  name: 'nothing',
  make(directory) {
    mkdirSync(directory, { recursive: true });
    const cannot = () => {
      throw new Error('this directory cannot be filled');
    };
    return { fill: cannot, free() {}, release() {} };
  },
};

/**
 * The best kind of disk space that works on this machine. The last choice is `plainDirectory`, which cannot become
 * full.
 */
export function chooseSpace(wantsFullDisks: boolean): SpaceKind {
  if (!wantsFullDisks) return plainDirectory;
  if (canMount()) return memoryFileSystem;
  return spawnSync('prlimit', ['--version']).status === 0 ? fileSizeLimit : plainDirectory;
}

export function canBeFilled(kind: SpaceKind): boolean {
  return kind !== plainDirectory;
}

function canMount(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'nodekeeper-chaos-mount-'));
  try {
    mount(directory, plentyBytes);
    execFileSync('umount', [directory], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(directory);
  }
}

function mount(directory: string, bytes: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', directory], { stdio: 'ignore' });
}

function remount(directory: string, bytes: number): void {
  execFileSync('mount', ['-o', `remount,size=${bytes}`, directory], { stdio: 'ignore' });
}
