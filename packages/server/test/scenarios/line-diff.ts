const contextLines = 3;
const shownLinesMax = 100;

/**
 * Returns the differences between two lists of lines. A few equal lines surround each difference. `-` marks a line of
 * `before`, `+` a line of `after`.
 */
export function lineDiff(before: readonly string[], after: readonly string[]): string {
  const lines = alignment(before, after);
  const isNear = (index: number) =>
    lines.slice(Math.max(0, index - contextLines), index + contextLines + 1).some(({ sign }) => sign !== ' ');
  const shown: string[] = [];
  for (const [index, { sign, text }] of lines.entries()) {
    if (isNear(index)) shown.push(`${sign} ${text}`);
    else if (shown.at(-1) !== '  ...') shown.push('  ...');
  }
  const left = shown.length - shownLinesMax;
  return [...shown.slice(0, shownLinesMax), ...(left > 0 ? [`  ${left} more lines`] : [])].join('\n');
}

interface Line {
  readonly sign: '-' | '+' | ' ';
  readonly text: string;
}

/**
 * Aligns the lines along their longest common subsequence. This is fast enough, because a trace has only a few hundred
 * lines.
 */
function alignment(before: readonly string[], after: readonly string[]): Line[] {
  const common = commonLengths(before, after);
  const lines: Line[] = [];
  let [at, to] = [0, 0];
  while (at < before.length || to < after.length) {
    const [old, fresh] = [before[at], after[to]];
    if (old !== undefined && old === fresh) {
      lines.push({ sign: ' ', text: old });
      at++;
      to++;
    } else if (old !== undefined && (fresh === undefined || common[at + 1]![to]! >= common[at]![to + 1]!)) {
      lines.push({ sign: '-', text: old });
      at++;
    } else if (fresh !== undefined) {
      lines.push({ sign: '+', text: fresh });
      to++;
    }
  }
  return lines;
}

/**
 * Returns a table. The entry `[at][to]` is the length of the longest common subsequence of two lists: `before` from
 * line `at` on, and `after` from line `to` on.
 */
function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const lengths = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  for (let at = before.length - 1; at >= 0; at--) {
    for (let to = after.length - 1; to >= 0; to--) {
      const isSame = before[at] === after[to];
      lengths[at]![to] = isSame
        ? lengths[at + 1]![to + 1]! + 1
        : Math.max(lengths[at + 1]![to]!, lengths[at]![to + 1]!);
    }
  }
  return lengths;
}
