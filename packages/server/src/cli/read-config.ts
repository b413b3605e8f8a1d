import { type ConfigResult, loadConfig } from '../config/load-config.js';
import { readText } from '../ports/node/regular-file.js';

/**
 * Reads and checks the configuration. Its sources are the file (if given), the environment, and the overrides
 * `key=value`.
 */
export function readConfig(
  file: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  overrides: readonly string[] = [],
  lenient = false,
): ConfigResult {
  if (file === undefined) return loadConfig({ environment, overrides, readFile, lenient });
  let text: string;
  try {
    text = readText(file);
  } catch (error) {
    return { ok: false, errors: [`${file}: cannot be read: ${(error as Error).message}`] };
  }
  return loadConfig({ file: { name: file, text }, environment, overrides, readFile, lenient });
}

/** Reads a file that the configuration refers to. Returns undefined if the file does not exist. */
function readFile(path: string): string | undefined {
  try {
    return readText(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
