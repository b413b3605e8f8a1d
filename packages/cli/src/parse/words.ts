// The white space is listed explicitly. JavaScript's \s also matches Unicode spaces, and Java's \s does not.
const wordPattern = /[ \t\n\v\f\r]*([^"'][^ \t\n\v\f\r]*|"[^"]*"|'[^']*')[ \t\n\v\f\r]*/gu;
const quotedPattern = /^(["']).*\1$/s;

/**
 * Splits a line into words. A word that starts with a quote ends at the next quote of the same kind. Both quotes are
 * removed.
 */
export function splitWords(line: string): string[] {
  return [...line.matchAll(wordPattern)].map(([, word = '']) => (quotedPattern.test(word) ? word.slice(1, -1) : word));
}

/**
 * Removes backslashes from a typed line as the line reader of ZooKeeper's shell does. For example, `a\b` becomes `ab`,
 * and `\\` becomes `\`.
 */
export function withoutBackslashes(line: string): string {
  return line.replaceAll(/\\([\s\S]?)/g, '$1');
}
