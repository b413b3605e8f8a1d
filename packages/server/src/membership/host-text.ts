/**
 * Returns a host as Java's `InetSocketAddress.getHostString` does, because ZooKeeper prints hosts in this form. Names
 * are unchanged, and an empty host becomes `localhost`. Literal addresses get their long form: `::1` becomes
 * `0:0:0:0:0:0:0:1`, and `127.1` becomes `127.0.0.1`. Resolves no name.
 */
export function javaHostText(host: string): string {
  if (host === '') return 'localhost';
  return (host.includes(':') ? ipv6Text(host) : ipv4Text(host)) ?? host;
}

/** Expands one to four numbers to the four bytes of an address. The last number fills all remaining bytes. */
function ipv4Text(host: string): string | undefined {
  if (!/^\d+(?:\.\d+){0,3}$/.test(host) || host.length > 15) return undefined;
  const numbers = host.split('.').map(Number);
  const rest = numbers.pop()!;
  const free = 4 - numbers.length;
  if (numbers.some((number) => number > 255) || rest >= 256 ** free) return undefined;
  for (let at = free - 1; at >= 0; at--) numbers.push(Math.floor(rest / 256 ** at) % 256);
  return numbers.join('.');
}

/**
 * Expands an IPv6 address with an optional numeric zone. An address with a named zone is left unchanged, because zone
 * names differ between machines.
 */
function ipv6Text(host: string): string | undefined {
  const [, bare, zone = ''] = /^([^%]*)(%\d+)?$/.exec(host) ?? [];
  if (bare === undefined) return undefined;
  const groups = ipv6Groups(bare);
  if (groups === undefined) return undefined;
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return groups
      .slice(6)
      .flatMap((group) => [group >>> 8, group & 0xff])
      .join('.');
  }
  return groups.map((group) => group.toString(16)).join(':') + zone;
}

function ipv6Groups(text: string): number[] | undefined {
  const halves = withoutEmbeddedIpv4(text).split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array<string>(missing).fill('0'), ...tail];
  if (!groups.every((group) => /^[0-9a-fA-F]+$/.test(group) && Number.parseInt(group, 16) <= 0xffff)) return undefined;
  return groups.map((group) => Number.parseInt(group, 16));
}

/**
 * Replaces an embedded IPv4 address: `64:ff9b::1.2.3.4` becomes `64:ff9b::102:304`. A text without dots is unchanged.
 */
function withoutEmbeddedIpv4(text: string): string {
  return text.replace(/(?<=:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number);
    return Math.max(a, b, c, d) > 255 ? '?' : `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
}
