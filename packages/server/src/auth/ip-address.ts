/** The bytes of an IPv4 or IPv6 address, or undefined when the text is none (no zone, no embedded IPv4). */
export function addressBytes(text: string): number[] | undefined {
  return text.includes(':') ? ipv6Bytes(text) : ipv4Bytes(text);
}

function ipv4Bytes(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.map(Number);
}

function ipv6Bytes(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const given = groups.reduce((sum, half) => sum + half.length, 0);
  if (halves.length === 1 ? given !== 8 : given > 7) return undefined;
  const all = halves.length === 1 ? groups[0] : [...groups[0], ...Array<string>(8 - given).fill('0'), ...groups[1]];
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return all.flatMap((group) => [Number.parseInt(group, 16) >>> 8, Number.parseInt(group, 16) & 0xff]);
}

/**
 * An address as Java's getHostAddress prints it, which is what ACLs of the scheme `ip` and admin words show: IPv4 also
 * where the socket is IPv6, and IPv6 with all eight groups (inventory 2.2.10).
 */
export function javaAddressText(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped !== null) return mapped[1];
  const [bare, zone] = address.split('%');
  const bytes = addressBytes(bare);
  if (bytes === undefined || bytes.length === 4) return address;
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(((bytes[at] << 8) | bytes[at + 1]).toString(16));
  return zone === undefined ? groups.join(':') : `${groups.join(':')}%${zone}`;
}

export interface Network {
  readonly bytes: number[];
  readonly bits: number;
}

/** No network is written longer; what is longer is not looked at. */
const networkTextMax = 64;

/** `10.0.0.0/8`; without bits, all of them count. */
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
  return mask === 0 || ((network.bytes[wholeBytes] ^ address[wholeBytes]) & mask) === 0;
}
