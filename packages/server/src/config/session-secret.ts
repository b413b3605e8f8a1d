import { type FileReader, readNamedFile } from './file-reader.js';
import type { ServerConfig } from './server-config.js';
import type { Findings } from './setting.js';

const lengthMin = 16;

/**
 * Reads the secret of session passwords from its file, if a file is configured. A short secret is an error, because it
 * could be guessed.
 */
export function applySessionSecret(
  config: ServerConfig,
  given: ReadonlyMap<keyof ServerConfig, string>,
  readFile: FileReader,
  { errors }: Findings,
): void {
  const path = config.sessionSecretFile;
  if (path !== null) {
    const where = given.get('sessionSecretFile');
    if (config.sessionSecret !== null) {
      errors.push(`${where}: nodekeeper.sessionSecret is set as well; remove one of the two`);
    }
    const file = readNamedFile(path, readFile, errors);
    if (file === 'unreadable') return;
    if (file === 'missing') {
      errors.push(`${where}: nodekeeper.sessionSecretFile=${path}: the file does not exist`);
      return;
    }
    config.sessionSecret = file.text.trim();
  }
  if (config.sessionSecret === null || config.sessionSecret.length >= lengthMin) return;
  const where = path ?? given.get('sessionSecret');
  errors.push(`${where}: the secret has ${config.sessionSecret.length} characters; use at least ${lengthMin}`);
}
