import type { ServerId } from '../quorum/member.js';
import { type FileReader, readNamedFile } from './file-reader.js';

/** A server's own id and where it was found. */
export interface MyId {
  readonly id: ServerId;
  readonly where: string;
}

/**
 * The id in `<dataDir>/myid`, a number alone on the first line. Without that file the variable of the official Docker
 * image counts, from which its start script makes the file.
 */
export function readMyId(
  dataDir: string,
  environmentId: string | undefined,
  readFile: FileReader,
  errors: string[],
): MyId | undefined {
  const path = `${dataDir.replace(/\/+$/, '')}/myid`;
  const file = readNamedFile(path, readFile, errors);
  if (file === 'unreadable') return undefined;
  if (file !== 'missing') return parseMyId(file.text.split(/\r\n|\n|\r/)[0], `${path}:1`, errors);
  if (environmentId) return parseMyId(environmentId.trim(), 'ZOO_MY_ID', errors);
  errors.push(`${path} is missing: it tells which of the servers this is; write the number behind 'server.' into it`);
  return undefined;
}

function parseMyId(text: string, where: string, errors: string[]): MyId | undefined {
  const id = /^\+?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(id)) return { id, where };
  errors.push(`${where}: '${text}' is not a server id; write the number behind 'server.' and nothing else`);
  return undefined;
}
