/**
 * Decodes UTF-8 as Java does. Node differs from Java only for a surrogate that is encoded in three bytes, for example
 * `ed a0 bd` (spec 1.1.5). Java decodes these bytes as one U+FFFD, even if the third byte is missing. Node decodes each
 * byte as a U+FFFD.
 */
export function decodeUtf8(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, end);
  return text.includes('\ufffd') ? withSurrogatesReplaced(bytes.subarray(start, end)).toString('utf8') : text;
}

/**
 * Returns a copy in which the byte 0xff replaces each encoded surrogate. Node always decodes 0xff as one U+FFFD. An
 * encoded surrogate always starts with 0xed.
 */
function withSurrogatesReplaced(source: Buffer): Buffer {
  const copy = Buffer.alloc(source.length);
  let size = 0;
  for (let at = 0; at < source.length; at++) {
    const next = source[at + 1] ?? 0;
    if (source[at] === 0xed && next >= 0xa0 && next <= 0xbf) {
      at += isContinuation(source[at + 2]) ? 2 : 1;
      copy[size++] = 0xff;
    } else {
      copy[size++] = source[at]!;
    }
  }
  return copy.subarray(0, size);
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
