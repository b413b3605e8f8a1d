/** Reads a file that a configuration refers to: its text, undefined when it does not exist. Throws what else goes wrong. */
export type FileReader = (path: string) => string | undefined;

/** Reads a file. One that exists and cannot be read is an error. */
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
