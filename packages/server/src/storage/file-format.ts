/** The file formats (spec 3.1 to 3.3). */
export const logMagic = 0x5a4b4c47; // ZKLG
export const snapshotMagic = 0x5a4b534e; // ZKSN
export const fileVersion = 2;
export const logDbid = 0;
export const snapshotDbid = -1;
export const fileHeaderSize = 16;

/** Precedes each log entry: checksum (long) and length (int). One byte, `entryEnd`, follows the entry. */
export const entryHeaderSize = 12;
export const entryEnd = 0x42; // B

/** StatPersisted: eight-byte czxid, mzxid, ctime, mtime, ephemeralOwner and pzxid, plus three ints. */
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
 * ZooKeeper recognises a snapshot by the part of the name before the first dot. The leading dot hides this file from
 * it.
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

/** Picks the logs out of the file names, oldest first. */
export function logFiles(directory: string, names: readonly string[]): NumberedFile[] {
  const found: NumberedFile[] = [];
  for (const name of names) {
    const digits = logPattern.exec(name)?.[1];
    if (digits !== undefined) found.push({ name, path: `${directory}/${name}`, zxid: Number.parseInt(digits, 16) });
  }
  return found.sort((a, b) => a.zxid - b.zxid);
}

/** Picks the snapshots out of the file names, newest first. */
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

/** Names the format that a file's first bytes indicate, for errors about a file whose name promises another. */
export function kindOfContent(bytes: Buffer, at: number): string {
  const magic = bytes.readUInt32BE(at);
  if (magic === logMagic) return 'a transaction log (ZKLG)';
  if (magic === snapshotMagic) return 'an uncompressed snapshot (ZKSN)';
  if (magic >>> 16 === 0x1f8b) return 'a gzip file';
  if (magic === 0x82534e41) return 'a file of snappy-java';
  return 'something else';
}

/** The logs that may hold transactions after `zxid`: the last one that starts at or before it, and all later ones. */
export function logsSince(files: readonly NumberedFile[], zxid: number): NumberedFile[] {
  const first = files.findLastIndex((file) => file.zxid <= zxid);
  return files.slice(Math.max(0, first));
}
