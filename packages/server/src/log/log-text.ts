/* What others wrote must not be able to fill a log, to begin a line of it, or to steer the terminal that shows it. */

const clientTextMax = 256;

/** A text of a client's as it stands in a log line: the beginning of it, if it is long. */
export function clientText(text: string | null): string {
  return clipped(text ?? 'null', clientTextMax);
}

export function clipped(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  return `${text.slice(0, lengthMax)}... (${text.length} characters)`;
}

/** C0 and C1 controls, DEL, line and paragraph separators, and what turns the direction of writing around. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** With `\u....` for whatever is not only text; in JSON that means the same. */
export function escaped(text: string): string {
  return text.replace(unsafe, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
