import { ProtocolError, Reader, Writer } from '@nodekeeper/protocol';
import type { PeerAddress } from '../ports/network.js';

/** The first words on a connection of the election port (inventory 4.1.2-6). */
export interface ElectionHello {
  readonly serverId: number;
  /** Where the sender says that it can be reached; wildcards are left out. */
  readonly addresses: readonly PeerAddress[];
}

/** One address, and, since 3.6, several. */
const protocolVersion = -65_536;
const protocolVersionOfSeveral = -65_535;
const addressBytesMax = 2048;
const portMax = 65_535;
/** The id that an observer without one sends, as near as a number comes to it. */
const anonymousId = 2 ** 63;
const wildcards = new Set(['0.0.0.0', '::', '0:0:0:0:0:0:0:0']);

export function encodeHello(serverId: number, addresses: readonly PeerAddress[]): Buffer {
  const out = new Writer(64);
  out.long(addresses.length > 1 ? protocolVersionOfSeveral : protocolVersion);
  out.long(serverId);
  out.buffer(Buffer.from(addresses.map(addressText).join('|'), 'utf8'));
  return out.view();
}

/**
 * Reads the hello at the beginning of what has come in so far, and how many bytes it takes; undefined while it is not
 * whole. Throws `ProtocolError` for what is none.
 */
export function decodeHello(received: Buffer): { hello: ElectionHello; bytes: number } | undefined {
  if (received.length < 8) return undefined;
  const reader = new Reader(received);
  const version = reader.long();
  // servers before 3.5 say their id and no more
  if (version >= 0) return { hello: { serverId: checkedId(version), addresses: [] }, bytes: 8 };
  if (version !== protocolVersion && version !== protocolVersionOfSeveral) {
    throw new ProtocolError(`version ${version} of the election protocol is unknown`);
  }
  if (reader.remaining < 12) return undefined;
  const serverId = checkedId(reader.long());
  const length = reader.int();
  if (length <= 0 || length > addressBytesMax) {
    throw new ProtocolError(`an address of ${length} bytes; 1 to ${addressBytesMax} are possible`);
  }
  if (reader.remaining < length) return undefined;
  const text = received.toString('utf8', reader.position, reader.position + length);
  const addresses = text.split('|').map(parseAddress);
  const reachable = addresses.filter(({ host }) => !wildcards.has(host));
  return { hello: { serverId, addresses: reachable }, bytes: reader.position + length };
}

export function isAnonymous(serverId: number): boolean {
  return serverId >= anonymousId;
}

function checkedId(serverId: number): number {
  if (isAnonymous(serverId) || (serverId >= 0 && Number.isSafeInteger(serverId))) return serverId;
  throw new ProtocolError(`${serverId} is the id of no server`);
}

function addressText({ host, port }: PeerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function parseAddress(text: string): PeerAddress {
  const [, literal, name, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = literal ?? name;
  const port = Number(digits);
  if (host === undefined || port < 1 || port > portMax) {
    throw new ProtocolError(`"${text}" is not of the form host:port with a port from 1 to ${portMax}`);
  }
  return { host, port };
}
