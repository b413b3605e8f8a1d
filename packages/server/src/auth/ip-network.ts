import { addressBytes } from '../ports/ip-address.js';

export interface Network {
  readonly bytes: number[];
  readonly bits: number;
}

/** No valid network has more characters than this. Longer text is rejected without parsing. */
const networkTextMax = 64;

/** Parses a network such as `10.0.0.0/8`. Text without a prefix length describes a single address. */
export function parseNetwork(text: string): Network | undefined {
  if (text.length > networkTextMax) return undefined;
  const cut = text.indexOf('/');
  const bytes = addressBytes(cut < 0 ? text : text.slice(0, cut));
  if (bytes === undefined) return undefined;
  if (cut < 0) return { bytes, bits: bytes.length * 8 };
  const bits = text.slice(cut + 1);
  if (!/^\+?\d+$/.test(bits) || Number(bits) > bytes.length * 8) return undefined;
  return { bytes, bits: Number(bits) };
}

export function networkHas(network: Network, address: readonly number[]): boolean {
  if (network.bytes.length !== address.length) return false;
  const wholeBytes = network.bits >> 3;
  for (let at = 0; at < wholeBytes; at++) if (network.bytes[at] !== address[at]) return false;
  const mask = (0xff00 >> (network.bits & 7)) & 0xff;
  return mask === 0 || ((network.bytes[wholeBytes]! ^ address[wholeBytes]!) & mask) === 0;
}
