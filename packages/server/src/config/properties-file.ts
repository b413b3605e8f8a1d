/** One `key=value` of a Java properties file. */
interface Property {
  key: string;
  value: string;
  /** The number of the line with the key. The first line is line 1. */
  line: number;
}

interface PropertiesFile {
  properties: Property[];
  /** Errors, each with the number of its line. */
  errors: { line: number; message: string }[];
}

/**
 * Parses a properties file as Java does. `=`, `:` or white space separates a key from its value. A line that begins
 * with `#` or `!` is a comment. A backslash at the end of a line continues it with the next line. The escapes are `\t
 * \n \r \f \uXXXX`; any other escaped letter stands for itself. Keys and values are then trimmed, as in ZooKeeper. If a
 * key is repeated, all its values are returned, in the order of the file.
 */
export function parsePropertiesFile(text: string): PropertiesFile {
  const file: PropertiesFile = { properties: [], errors: [] };
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (let index = 0; index < lines.length; index++) {
    const line = index + 1;
    let logical = trimStart(lines[index] ?? '');
    if (logical === '' || logical[0] === '#' || logical[0] === '!') continue;
    // Java does not join a line that contains only a backslash with the next line.
    if (logical === '\\' && index + 1 < lines.length) continue;
    while (endsWithOpenBackslash(logical)) {
      index++;
      logical = logical.slice(0, -1) + trimStart(lines[index] ?? '');
    }
    const [rawKey, rawValue] = splitAtSeparator(logical);
    try {
      file.properties.push({ key: unescapeText(rawKey).trim(), value: unescapeText(rawValue).trim(), line });
    } catch (error) {
      file.errors.push({ line, message: (error as Error).message });
    }
  }
  return file;
}

function trimStart(line: string): string {
  return line.replace(/^[ \t\f]+/, '');
}

function endsWithOpenBackslash(line: string): boolean {
  const backslashes = /\\*$/.exec(line)![0].length;
  return backslashes % 2 === 1;
}

/**
 * The key ends at the first unescaped `=`, `:` or white space. White space, and at most one `=` or `:`, separates the
 * key from the value.
 */
function splitAtSeparator(line: string): [key: string, value: string] {
  const key = /^(?:\\.|[^\\=: \t\f])*/.exec(line)![0];
  const separator = /^[ \t\f]*[=:]?[ \t\f]*/.exec(line.slice(key.length))![0];
  return [key, line.slice(key.length + separator.length)];
}

const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescapeText(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.)|$)/g, (_, hex?: string, letter?: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (letter === 'u') throw new Error('\\u must be followed by 4 hexadecimal digits');
    return letter === undefined ? '' : (escapes[letter] ?? letter);
  });
}
