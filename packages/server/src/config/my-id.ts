import type { ServerId } from '../membership/member.js';
import { type FileReader, readNamedFile } from './file-reader.js';
import type { Findings } from './setting.js';

/** The server's own id, and the position where it was set. */
interface MyId {
  readonly id: ServerId;
  readonly where: string;
}

/**
 * Reads the server's id from the first line of `<dataDir>/myid`, which contains only this number. Without the file, the
 * id is the value of `ZOO_MY_ID`, as in the official Docker image, whose start script copies the value to the file. If
 * only `ZOO_SERVERS` is set, the id is 1.
 */
export function readMyId(
  dataDir: string,
  environment: Readonly<Record<string, string | undefined>>,
  readFile: FileReader,
  { errors, warnings }: Findings,
): MyId | undefined {
  const path = `${dataDir.replace(/\/+$/, '')}/myid`;
  const file = readNamedFile(path, readFile, errors);
  if (file === 'unreadable') return undefined;
  if (file !== 'missing') return parseMyId(file.text.replace(/[\r\n].*/s, ''), `${path}:1`, errors);
  const { ZOO_MY_ID: id, ZOO_SERVERS: servers } = environment;
  if (id) return parseMyId(id.trim(), 'ZOO_MY_ID', errors);
  if (servers) {
    warnings.push(
      `ZOO_MY_ID is not set and ${path} does not exist, so with ZOO_SERVERS this is server.1; set ZOO_MY_ID to a different id on each server`,
    );
    return { id: 1, where: 'ZOO_MY_ID' };
  }
  errors.push(`${path} does not exist; it identifies this server: write the number after 'server.' into it`);
  return undefined;
}

function parseMyId(text: string, where: string, errors: string[]): MyId | undefined {
  const id = /^\+?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(id)) return { id, where };
  errors.push(`${where}: '${text}' is not a server id; write only the number after 'server.'`);
  return undefined;
}
