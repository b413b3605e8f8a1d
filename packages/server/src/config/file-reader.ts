/**
 * Reads a file that a configuration refers to. Returns undefined if the file does not exist, and throws any other
 * error.
 */
export type FileReader = (path: string) => string | undefined;

/** Reads a file. If the file exists but cannot be read, adds an error to `errors`. */
export function readNamedFile(
  path: string,
  readFile: FileReader,
  errors: string[],
): { text: string } | 'missing' | 'unreadable' {
  try {
    const text = readFile(path);
    return text === undefined ? 'missing' : { text };
  } catch (error) {
    errors.push(`${path}: cannot be read: ${(error as Error).message}`);
    return 'unreadable';
  }
}
