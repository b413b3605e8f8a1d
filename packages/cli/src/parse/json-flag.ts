const jsonFlag = '--json';

/**
 * Removes the first `--json` after the command's name, and returns the other words. Returns undefined if there is no
 * such flag. A `--json` after `--` is an ordinary word.
 */
export function withoutJsonFlag(words: readonly string[]): string[] | undefined {
  const end = words.indexOf('--');
  const at = words.indexOf(jsonFlag);
  return at > 0 && (end < 0 || at < end) ? words.toSpliced(at, 1) : undefined;
}
