import { parseProperties } from '../parse/properties.js';
import { inPropertiesOrder } from './java-order.js';

/** `100000000 host:port,host:port`: the version and the client address of each server of a configuration. */
export function clientAddresses(configuration: string): string {
  const properties = parseProperties(configuration);
  const servers = inPropertiesOrder([...properties.keys()]).filter((key) => key.startsWith('server.'));
  const addresses = servers.map((key) => clientAddress(properties.get(key)!));
  return `${properties.get('version')?.trim() ?? ''} ${addresses.join(',')}`;
}

/** The part after the semicolon: `host:port` or a port alone. Empty if there is none. */
function clientAddress(server: string): string {
  const [, address] = server.trim().split(';');
  if (address === undefined) return '';
  return address.includes(':') ? address : `0.0.0.0:${address}`;
}
