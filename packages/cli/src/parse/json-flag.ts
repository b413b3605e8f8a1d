const jsonFlag = '--json';

/**
 * The words of a command line without the `--json` behind the command, or undefined when there is none. Behind `--` it
 * is a word like any other.
 */
export function withoutJsonFlag(words: readonly string[]): string[] | undefined {
  const end = words.indexOf('--');
  const at = words.indexOf(jsonFlag);
  return at > 0 && (end < 0 || at < end) ? words.toSpliced(at, 1) : undefined;
}
