/** What a terminal obeys: control characters but for tabs and line ends, and marks that turn the direction of text. */
const obeyed = /\r(?!\n)|[^\P{Cc}\t\r\n]|[\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** Text for a terminal. Whatever nodes hold, it is shown and not obeyed: `\u001b`, which is right in JSON, too. */
export function visible(text: string): string {
  return text.replace(obeyed, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
