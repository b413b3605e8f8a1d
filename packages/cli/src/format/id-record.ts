/** The escapes of jute's comma-separated format. The characters would otherwise end a field or start an escape. */
const escapes: Readonly<Record<string, string>> = {
  '\0': '%00',
  '\n': '%0A',
  '\r': '%0D',
  ',': '%2C',
  '}': '%7D',
  '%': '%25',
};

/** Formats a scheme and an id as the record that ZooKeeper's shell prints, with its line end. */
export function formatIdRecord({ scheme, id }: { scheme: string; id: string }): string {
  return `'${escaped(scheme)},'${escaped(id)}\n`;
}

function escaped(text: string): string {
  return text.replaceAll(/[\0\n\r,}%]/g, (letter) => escapes[letter] ?? letter);
}
