/**
 * Characters that a terminal acts on: controls other than tab and line end, and marks that change the text direction.
 */
const obeyed = /\r(?!\n)|[^\P{Cc}\t\r\n]|[\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** Escapes text for a terminal, so that node content cannot control it. The form `\u001b` is also valid JSON. */
export function visible(text: string): string {
  return text.replace(obeyed, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
