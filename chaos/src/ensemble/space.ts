import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Room for the data of one server, which can be taken away and given back. */
export interface Space {
  /** `pid`: the server that is running, for means that work on processes. */
  fill(pid: number): void;
  free(): void;
  /** Before the data can be copied no more. */
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

/** A memory file system of its own: it is full when its size is set to what it holds. Needs the right to mount. */
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

/** Where nothing can be mounted: the process may not make a file grow beyond a few kilobytes, until it is started anew. */
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

/** What works on this machine; `nothing` can't be filled. */
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
