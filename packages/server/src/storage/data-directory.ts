import type { Disk } from '../ports/disk.js';
import { temporaryName } from './file-format.js';

/** Both directories keep their files one level down, in a folder named after the format's version. */
const versionDirectory = 'version-2';

export function snapshotDirectory(dataDir: string): string {
  return `${dataDir}/${versionDirectory}`;
}

export function logDirectory(dataLogDir: string): string {
  return `${dataLogDir}/${versionDirectory}`;
}

/** A small file, replaced as a whole: whatever happens, it holds the old content or the new. */
export function writeFileAtomically(disk: Disk, directory: string, name: string, content: string): void {
  const bytes = Buffer.from(content);
  const temporary = `${directory}/${temporaryName(name)}`;
  // of a rename that a crash cut short it may be a second name of the very file
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

/** More than any of them holds by far. */
const smallFileBytesMax = 64 * 1024;

/** The content of a small file; undefined when there is no such file. */
export function readSmallFile(disk: Disk, path: string): string | undefined {
  if (!disk.exists(path)) return undefined;
  const file = disk.open(path, 'read');
  try {
    const size = file.size();
    if (size > smallFileBytesMax) {
      throw new Error(
        `${path} has ${size} bytes, where a number or a name belongs: another file has this name. Restore it`,
      );
    }
    const bytes = Buffer.alloc(size);
    return bytes.toString('utf8', 0, file.read(bytes, 0, bytes.length, 0));
  } finally {
    file.close();
  }
}
