/** Constants of the file formats (spec 3.1 to 3.3). */
export const logMagic = 0x5a4b4c47; // ZKLG
export const snapshotMagic = 0x5a4b534e; // ZKSN
export const fileVersion = 2;
export const logDbid = 0;
export const snapshotDbid = -1;
export const fileHeaderSize = 16;

/**
 * Size in bytes of the header before each log entry: a checksum (long) and the entry's length (int). One byte,
 * `entryEnd`, follows each entry.
 */
export const entryHeaderSize = 12;
export const entryEnd = 0x42; // B

/**
 * Size in bytes of a StatPersisted. It consists of six longs (czxid, mzxid, ctime, mtime, ephemeralOwner, pzxid) and
 * three ints.
 */
export const statPersistedSize = 60;

export const logPrefix = 'log.';
export const snapshotPrefix = 'snapshot.';

export type SnapshotCompression = '' | 'gz' | 'snappy';

export function logName(zxid: number): string {
  return logPrefix + zxid.toString(16);
}

export function snapshotName(zxid: number, compression: SnapshotCompression): string {
  return snapshotPrefix + zxid.toString(16) + (compression === '' ? '' : `.${compression}`);
}

/**
 * Returns the name under which a file is written before it is renamed to `name`. This name begins with a dot, so
 * ZooKeeper does not take an unfinished file for a snapshot.
 */
export function temporaryName(name: string): string {
  return `.${name}.tmp`;
}

export function isTemporarySnapshot(name: string): boolean {
  return name.startsWith(`.${snapshotPrefix}`) && name.endsWith('.tmp');
}

const logPattern = /^log\.([0-9a-f]{1,16})$/;
const snapshotPattern = /^snapshot\.([0-9a-f]{1,16})(?:\.(gz|snappy))?$/;

export interface NumberedFile {
  name: string;
  path: string;
  zxid: number;
}

export interface SnapshotFile extends NumberedFile {
  compression: SnapshotCompression;
}

/** Returns the transaction logs among the files of a directory, oldest first. */
export function logFiles(directory: string, names: readonly string[]): NumberedFile[] {
  const found: NumberedFile[] = [];
  for (const name of names) {
    const digits = logPattern.exec(name)?.[1];
    if (digits !== undefined) found.push({ name, path: `${directory}/${name}`, zxid: Number.parseInt(digits, 16) });
  }
  return found.sort((a, b) => a.zxid - b.zxid);
}

/** Returns the snapshots among the files of a directory, newest first. */
export function snapshotFiles(directory: string, names: readonly string[]): SnapshotFile[] {
  const found: SnapshotFile[] = [];
  for (const name of names) {
    const [, digits, suffix = ''] = snapshotPattern.exec(name) ?? [];
    if (digits === undefined) continue;
    const compression = suffix as SnapshotCompression;
    found.push({ name, path: `${directory}/${name}`, zxid: Number.parseInt(digits, 16), compression });
  }
  return found.sort((a, b) => b.zxid - a.zxid);
}

/**
 * Names the file format that the four bytes at `at` indicate. Error texts use this name when the content of a file does
 * not match the file's name.
 */
export function kindOfContent(bytes: Buffer, at: number): string {
  const magic = bytes.readUInt32BE(at);
  if (magic === logMagic) return 'a transaction log (ZKLG)';
  if (magic === snapshotMagic) return 'an uncompressed snapshot (ZKSN)';
  if (magic >>> 16 === 0x1f8b) return 'a gzip file';
  if (magic === 0x82534e41) return 'a file of snappy-java';
  return 'something else';
}

/**
 * Returns the logs that may hold transactions after `zxid`. These are the last log that starts at or before `zxid`, and
 * all later logs.
 */
export function logsSince(files: readonly NumberedFile[], zxid: number): NumberedFile[] {
  const first = files.findLastIndex((file) => file.zxid <= zxid);
  return files.slice(Math.max(0, first));
}
