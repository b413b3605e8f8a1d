import type { Disk } from '../ports/disk.js';
import { temporaryName } from './file-format.js';

/**
 * dataDir and dataLogDir each keep their files in a subdirectory of this name. The number is the version of the file
 * formats.
 */
const versionDirectory = 'version-2';

export function snapshotDirectory(dataDir: string): string {
  return `${dataDir}/${versionDirectory}`;
}

export function logDirectory(dataLogDir: string): string {
  return `${dataLogDir}/${versionDirectory}`;
}

/** Replaces a small file atomically: after a crash, the file holds either the old content or the new content. */
export function writeFileAtomically(disk: Disk, directory: string, name: string, content: string): void {
  const bytes = Buffer.from(content);
  const temporary = `${directory}/${temporaryName(name)}`;
  // If a crash interrupted an earlier rename, the temporary name and the final name may link to the same file. Opening
  // the temporary name would then overwrite the final file.
  if (disk.exists(temporary)) disk.remove(temporary);
  const file = disk.open(temporary, 'create');
  try {
    file.write(bytes, 0, bytes.length, 0);
    file.sync();
  } finally {
    file.close();
  }
  disk.rename(temporary, `${directory}/${name}`);
  disk.syncDirectory(directory);
}

/** The maximum size in bytes of a file that `readSmallFile` reads. The epoch files, for example, are far smaller. */
const smallFileBytesMax = 64 * 1024;

/** Returns the content of a small file, or undefined if the file does not exist. */
export function readSmallFile(disk: Disk, path: string): string | undefined {
  if (!disk.exists(path)) return undefined;
  const file = disk.open(path, 'read');
  try {
    const size = file.size();
    if (size > smallFileBytesMax) {
      throw new Error(`${path} has ${size} bytes, but should hold a single number or name. Restore the original file`);
    }
    const bytes = Buffer.alloc(size);
    return bytes.toString('utf8', 0, file.read(bytes, 0, bytes.length, 0));
  } finally {
    file.close();
  }
}
