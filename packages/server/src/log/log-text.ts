/*
 * Limits for text from elsewhere. It must not fill the log, start a new log line, or control the terminal that shows
 * the log.
 */

const clientTextMax = 256;

/** Formats a text from a client for a log line. A long text is cut. */
export function clientText(text: string | null): string {
  return clipped(text ?? 'null', clientTextMax);
}

export function clipped(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  return `${text.slice(0, lengthMax)}... (${text.length} characters)`;
}

/** C0 and C1 controls, DEL, line and paragraph separators, and characters that change the text direction. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern matches these characters on purpose
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * Replaces each unsafe character by its JSON escape, such as `\u000a`. A JSON parser reads it as the original
 * character.
 */
export function escaped(text: string): string {
  return text.replace(unsafe, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
