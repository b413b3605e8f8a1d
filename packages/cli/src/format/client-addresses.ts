import { parseProperties } from '../parse/properties.js';
import { inPropertiesOrder } from './java-order.js';

/** Returns the version of a configuration and the client address of each server: `100000000 host:port,host:port`. */
export function clientAddresses(configuration: string): string {
  const properties = parseProperties(configuration);
  const servers = inPropertiesOrder([...properties.keys()]).filter((key) => key.startsWith('server.'));
  const addresses = servers.map((key) => clientAddress(properties.get(key)!));
  return `${properties.get('version')?.trim() ?? ''} ${addresses.join(',')}`;
}

/**
 * Returns the client address from the value of a server line: the part after the semicolon, with `0.0.0.0` if the part
 * is only a port. Returns an empty text if the line has no client address.
 */
function clientAddress(server: string): string {
  const [, address] = server.trim().split(';');
  if (address === undefined) return '';
  return address.includes(':') ? address : `0.0.0.0:${address}`;
}
