/** A command of a scenario and its recorded trace, undefined if there is no recording. */
interface Block {
  readonly line: number;
  readonly command: string;
  readonly recorded: readonly string[] | undefined;
}

/** The parts of a file in their order: lines of text (comments, blank lines) and commands. */
type Part = string | Block;

const ruler = '----';

/**
 * A file is text, then commands. Lines that begin with `#` and blank lines are text; any other line is a command. After it
 * come a line `----` and the recorded trace, which ends at a blank line.
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

/** The content of a file with these parts, with a blank line after each trace. */
export function formatScenario(parts: readonly Part[]): string {
  const lines: string[] = [];
  for (const [index, part] of parts.entries()) {
    if (index > 0 && isBlock(parts[index - 1]!) && part !== '') lines.push('');
    if (isBlock(part)) lines.push(part.command, ruler, ...part.recorded!);
    else lines.push(part);
  }
  return `${lines.join('\n')}\n`;
}
