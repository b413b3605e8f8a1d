/** What the files look like (inventory 3.1 to 3.3). */
export const logMagic = 0x5a4b4c47; // ZKLG
export const snapshotMagic = 0x5a4b534e; // ZKSN
export const fileVersion = 2;
export const logDbid = 0;
export const snapshotDbid = -1;
export const fileHeaderSize = 16;

/** In front of each log entry: checksum (long) and length (int). Behind it: one byte. */
export const entryHeaderSize = 12;
export const entryEnd = 0x42; // B

/** StatPersisted: eight-byte czxid, mzxid, ctime, mtime, ephemeralOwner, pzxid and three ints. */
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

/** The dot in front keeps Apache, which goes by what stands before the first dot, from taking it for a snapshot. */
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

/** The logs among some file names, oldest first. */
export function logFiles(directory: string, names: readonly string[]): NumberedFile[] {
  const found: NumberedFile[] = [];
  for (const name of names) {
    const digits = logPattern.exec(name)?.[1];
    if (digits !== undefined) found.push({ name, path: `${directory}/${name}`, zxid: Number.parseInt(digits, 16) });
  }
  return found.sort((a, b) => a.zxid - b.zxid);
}

/** The snapshots among some file names, newest first. */
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

/** What the first bytes of a file say that it is, for one that is something else than its name says. */
export function kindOfContent(bytes: Buffer, at: number): string {
  const magic = bytes.readUInt32BE(at);
  if (magic === logMagic) return 'a transaction log (ZKLG)';
  if (magic === snapshotMagic) return 'an uncompressed snapshot (ZKSN)';
  if (magic >>> 16 === 0x1f8b) return 'a gzip file';
  if (magic === 0x82534e41) return 'a file of snappy-java';
  return 'something else';
}

/** The logs that may hold transactions after `zxid`: the last one that starts at or before it, and all later. */
export function logsSince(files: readonly NumberedFile[], zxid: number): NumberedFile[] {
  const first = files.findLastIndex((file) => file.zxid <= zxid);
  return files.slice(Math.max(0, first));
}
