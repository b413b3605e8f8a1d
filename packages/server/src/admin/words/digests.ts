import { hexLong } from '../java-text.js';
import { notServingText, word } from './word.js';

export const hash = word(
  'hash',
  (view) => ({ digests: [...view.digests()].map(({ zxid, digest }) => ({ zxid, digest })) }),
  function* ({ digests }) {
    for (const { zxid, digest } of digests) yield `${hexLong(zxid)}: ${digest}\n`;
  },
  { notServing: notServingText },
);
