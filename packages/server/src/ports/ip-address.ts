/**
 * Returns the bytes of an IPv4 or IPv6 address. Returns undefined for an address with a zone or an embedded IPv4
 * address, and for a text that is not an address.
 */
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
  const [head = [], tail] = groups;
  const all = tail === undefined ? head : [...head, ...Array<string>(8 - given).fill('0'), ...tail];
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return all.flatMap((group) => [Number.parseInt(group, 16) >>> 8, Number.parseInt(group, 16) & 0xff]);
}

/**
 * Formats an address as Java's getHostAddress does: all eight groups of an IPv6 address, and IPv4 without the prefix
 * `::ffff:`. Access control lists of the scheme `ip` and four-letter words show this form (spec 2.2.10).
 */
export function javaAddressText(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [bare = '', zone] = address.split('%');
  const bytes = addressBytes(bare);
  if (bytes === undefined || bytes.length === 4) return address;
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(((bytes[at]! << 8) | bytes[at + 1]!).toString(16));
  return zone === undefined ? groups.join(':') : `${groups.join(':')}%${zone}`;
}
