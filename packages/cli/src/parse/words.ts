// White space is listed explicitly: JavaScript's \s also matches blanks of other scripts, Java's does not.
const wordPattern = /[ \t\n\v\f\r]*([^"'][^ \t\n\v\f\r]*|"[^"]*"|'[^']*')[ \t\n\v\f\r]*/gu;
const quotedPattern = /^(["']).*\1$/s;

/** Splits a line into words. A word that starts with a quote ends at the next quote; both quotes are removed. */
export function splitWords(line: string): string[] {
  return [...line.matchAll(wordPattern)].map(([, word = '']) => (quotedPattern.test(word) ? word.slice(1, -1) : word));
}

/** Unescapes a typed line as ZooKeeper's line reader does: a backslash stands for the character after it. */
export function withoutBackslashes(line: string): string {
  return line.replaceAll(/\\([\s\S]?)/g, '$1');
}
