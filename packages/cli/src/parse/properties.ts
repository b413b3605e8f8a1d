const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

/** Parses a Java properties file. If a key is repeated, its last value applies. */
export function parseProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>();
  const joined = text.replaceAll('\r\n', '\n').replaceAll('\r', '\n');
  // a line that ends with an odd number of backslashes continues on the next line
  for (const [line] of joined.matchAll(/^[^\S\n]*(?:[^\\\n]|\\[^\n]|\\\n[^\S\n]*)+/gm)) {
    const content = line.trimStart();
    if (content === '' || content.startsWith('#') || content.startsWith('!')) continue;
    const [, key = '', value = ''] = /^((?:\\.|[^\\=: \t\f])*)[ \t\f]*[=:]?[ \t\f]*([\s\S]*)$/.exec(content)!;
    properties.set(unescaped(key), unescaped(value));
  }
  return properties;
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(?:u([0-9a-fA-F]{4})|\n\s*|(.))/g, (_, code?: string, letter?: string) =>
    code === undefined ? (escapes[letter ?? ''] ?? letter ?? '') : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
