import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Disk space for the data of one server, which can be filled and released. */
export interface Space {
  /** `pid` is the running server, for kinds that act on the process. */
  fill(pid: number): void;
  free(): void;
  /** Must be called before the data can no longer be copied. */
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
 * A memory file system for each server. It is full when its size is set to its contents. The process needs the right to
 * mount.
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
 * For machines without the right to mount: limits the size of the process's files to a few kilobytes, until its next
 * start.
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

/** The kind that works on this machine. `nothing` cannot be filled. */
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
