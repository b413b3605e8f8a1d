import type { Disk } from '../ports/disk.js';
import { temporaryName } from './file-format.js';

/** Both directories keep their files in a subdirectory named after the format's version. */
const versionDirectory = 'version-2';

export function snapshotDirectory(dataDir: string): string {
  return `${dataDir}/${versionDirectory}`;
}

export function logDirectory(dataLogDir: string): string {
  return `${dataLogDir}/${versionDirectory}`;
}

/** Replaces a small file atomically: after a crash it holds either the old content or the new. */
export function writeFileAtomically(disk: Disk, directory: string, name: string, content: string): void {
  const bytes = Buffer.from(content);
  const temporary = `${directory}/${temporaryName(name)}`;
  // after an interrupted rename this may be a second name of the same file
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

/** Far more than any of these files holds. */
const smallFileBytesMax = 64 * 1024;

/** The content of a small file; undefined if it does not exist. */
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
