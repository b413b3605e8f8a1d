const jsonFlag = '--json';

/**
 * Returns the words without the `--json` after the command, or undefined if there is none. After `--` it is an ordinary
 * word.
 */
export function withoutJsonFlag(words: readonly string[]): string[] | undefined {
  const end = words.indexOf('--');
  const at = words.indexOf(jsonFlag);
  return at > 0 && (end < 0 || at < end) ? words.toSpliced(at, 1) : undefined;
}
