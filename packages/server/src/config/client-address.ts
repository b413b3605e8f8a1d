import type { Endpoint } from '../membership/member.js';
import type { PlacedMember } from './ensemble.js';
import type { ServerConfig } from './server-config.js';

/**
 * Sets the client address from the server's own `server.N` line, if the line contains one. Adds an error if the line
 * contradicts clientPort or clientPortAddress. A standalone server takes only the port from its line if
 * clientPortAddress is set.
 */
export function applyClientAddress(
  { member, where }: PlacedMember,
  config: ServerConfig,
  given: ReadonlyMap<keyof ServerConfig, string>,
  errors: string[],
): void {
  const address = member.clientAddress;
  if (address === null) return;
  const portWhere = given.get('clientPort');
  if (portWhere !== undefined && config.clientPort !== address.port) {
    errors.push(
      `${where}: client port ${address.port} differs from clientPort=${config.clientPort} (${portWhere}); remove one of them`,
    );
  }
  const hostWhere = given.get('clientPortAddress');
  const fixed = hostWhere !== undefined && !isEveryAddress(config.clientPortAddress!);
  if (fixed && config.ensemble !== null && config.clientPortAddress !== address.host) {
    errors.push(
      `${where}: client address ${address.host} differs from clientPortAddress=${config.clientPortAddress} (${hostWhere}); remove one of them`,
    );
  }
  config.clientPort = address.port;
  if (hostWhere === undefined) config.clientPortAddress = isEveryAddress(address.host) ? null : address.host;
}

/** The client address from clientPort and clientPortAddress; undefined if clientPort is not set. */
export function staticClientAddress(
  config: ServerConfig,
  given: ReadonlyMap<keyof ServerConfig, string>,
): Endpoint | undefined {
  if (!given.has('clientPort')) return undefined;
  return { host: config.clientPortAddress ?? '0.0.0.0', port: config.clientPort };
}

function isEveryAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === '0:0:0:0:0:0:0:0';
}
