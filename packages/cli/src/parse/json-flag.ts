const jsonFlag = '--json';

/**
 * Returns the words without the first `--json` after the command's name, or undefined if there is none. A `--json`
 * after `--` is an ordinary word.
 */
export function withoutJsonFlag(words: readonly string[]): string[] | undefined {
  const end = words.indexOf('--');
  const at = words.indexOf(jsonFlag);
  return at > 0 && (end < 0 || at < end) ? words.toSpliced(at, 1) : undefined;
}
