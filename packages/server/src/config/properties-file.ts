/** One `key=value` of a Java properties file. */
interface Property {
  key: string;
  value: string;
  /** The line of its key, from 1. */
  line: number;
}

interface PropertiesFile {
  properties: Property[];
  /** Errors with their lines. */
  errors: { line: number; message: string }[];
}

/**
 * Parses a properties file as Java does: `=`, `:` or white space after the key, `#` and `!` comments. A backslash at
 * the end continues the line. The escapes are `\t \n \r \f \uXXXX`; any other escaped letter stands for itself. Keys
 * and values are then trimmed, as ZooKeeper does. Returns duplicates in order.
 */
export function parsePropertiesFile(text: string): PropertiesFile {
  const file: PropertiesFile = { properties: [], errors: [] };
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (let index = 0; index < lines.length; index++) {
    const line = index + 1;
    let logical = trimStart(lines[index] ?? '');
    if (logical === '' || logical[0] === '#' || logical[0] === '!') continue;
    // A lone backslash continues nothing: Java treats the next line as a new one.
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

/** A key ends at the first unescaped separator. One `=` or `:` surrounded by white space may follow. */
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
