import { pathFault } from '@nodekeeper/protocol';
import type { ServerAddress } from './ports.js';

const defaultPort = 2181;

export interface ConnectString {
  readonly servers: readonly ServerAddress[];
  /** The prefix of every path that the client sends. It is empty, or a path without a trailing slash. */
  readonly chroot: string;
}

/**
 * Parses `host[:port],host[:port],...[/chroot]` (spec 7.1.1). An IPv6 address must be in brackets. Throws a
 * `RangeError` that names the invalid part.
 */
export function parseConnectString(text: string): ConnectString {
  const slash = text.indexOf('/');
  const hosts = slash < 0 ? text : text.slice(0, slash);
  const servers = hosts
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => parseServer(part, text));
  if (servers.length === 0) throw fault(text, 'names no server; write host:port[,host:port...][/chroot]');
  return { servers, chroot: slash < 0 ? '' : parseChroot(text.slice(slash), text) };
}

function parseServer(part: string, text: string): ServerAddress {
  const match = /^(?:\[([^\]]+)\]|([^[\]:\s]+))(?::(\d+))?$/.exec(part);
  if (match === null) {
    const colons = part.split(':').length - 1;
    const hint = colons > 1 && !part.startsWith('[') ? ' (write an IPv6 address in brackets: [::1]:2181)' : '';
    throw fault(text, `has "${part}" where host[:port] is expected${hint}`);
  }
  const [, literal, name = '', digits] = match;
  const port = digits === undefined ? defaultPort : Number(digits);
  if (port < 1 || port > 65535) throw fault(text, `has port ${digits} in "${part}"; ports are 1 to 65535`);
  return { host: literal ?? name, port };
}

function parseChroot(chroot: string, text: string): string {
  if (chroot === '/') return '';
  if (chroot.includes(',')) throw fault(text, `has servers after its chroot; ${withChrootLast(text)}`);
  const reason = pathFault(chroot);
  if (reason !== undefined) throw fault(text, `has a bad chroot: ${reason}`);
  return chroot;
}

/**
 * Returns advice for a connect string with a misplaced chroot: for `a/x,b/x`, the advice is `a,b/x`. If there are
 * several chroots, the advice contains the first one.
 */
function withChrootLast(text: string): string {
  const parts = text.split(',');
  const servers = parts.map((part) => part.replace(/\/.*/s, '').trim()).filter((server) => server !== '');
  const first = parts.find((part) => part.includes('/'))!;
  return `write the chroot once, at the end: ${servers.join(',')}${first.slice(first.indexOf('/')).trim()}`;
}

function fault(text: string, what: string): RangeError {
  return new RangeError(`connect string "${text}" ${what}`);
}
