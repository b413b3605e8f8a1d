// White space is spelled out: JavaScript's \s knows blanks of other scripts, Java's does not.
const wordPattern = /[ \t\n\v\f\r]*([^"'][^ \t\n\v\f\r]*|"[^"]*"|'[^']*')[ \t\n\v\f\r]*/gu;
const quotedPattern = /^(["']).*\1$/s;

/** The words of a line. A word that starts with a quote reaches to the next one, and comes without them. */
export function splitWords(line: string): string[] {
  return [...line.matchAll(wordPattern)].map(([, word = '']) => (quotedPattern.test(word) ? word.slice(1, -1) : word));
}

/** What a typed line means to Apache's line reader: a backslash stands for the character behind it. */
export function withoutBackslashes(line: string): string {
  return line.replaceAll(/\\([\s\S]?)/g, '$1');
}
