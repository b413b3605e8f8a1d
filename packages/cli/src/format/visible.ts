/**
 * Characters that change what a terminal does: control characters other than tab and line end, and marks that change
 * the direction of text.
 */
const obeyed = /\r(?!\n)|[^\P{Cc}\t\r\n]|[\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/**
 * Escapes control characters, so that the content of a node cannot control the terminal. The escape `\u001b` is also
 * valid in JSON.
 */
export function visible(text: string): string {
  return text.replace(obeyed, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
