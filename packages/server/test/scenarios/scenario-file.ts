/** A command of a scenario and its recorded trace. The trace is undefined if the command has no recording. */
interface Block {
  readonly line: number;
  readonly command: string;
  readonly recorded: readonly string[] | undefined;
}

/** A part of a scenario's file: a command, or a line of text (a comment or a blank line). */
type Part = string | Block;

const ruler = '----';

/**
 * Splits the content of a scenario's file into its parts. Blank lines and lines that begin with `#` are text. Any other
 * line is a command. A line `----` and the recorded trace may follow the command. The trace ends at a blank line.
 */
export function parseScenario(content: string): Part[] {
  const lines = content.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const parts: Part[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    if (line === '' || line.startsWith('#')) {
      parts.push(line);
    } else if (lines[at + 1] !== ruler) {
      parts.push({ line: at + 1, command: line, recorded: undefined });
    } else {
      const blank = lines.indexOf('', at);
      const end = blank < 0 ? lines.length : blank;
      parts.push({ line: at + 1, command: line, recorded: lines.slice(at + 2, end) });
      at = end - 1;
    }
  }
  return parts;
}

export function isBlock(part: Part): part is Block {
  return typeof part !== 'string';
}

/** Returns the content of a file with these parts. A blank line follows each trace. */
export function formatScenario(parts: readonly Part[]): string {
  const lines: string[] = [];
  for (const [index, part] of parts.entries()) {
    if (index > 0 && isBlock(parts[index - 1]!) && part !== '') lines.push('');
    if (isBlock(part)) lines.push(part.command, ruler, ...part.recorded!);
    else lines.push(part);
  }
  return `${lines.join('\n')}\n`;
}
