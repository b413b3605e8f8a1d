import { ProtocolError, Reader, Writer } from '@nodekeeper/protocol';
import type { PeerAddress } from '../ports/network.js';

/** The first message on a connection of the election port (spec 4.1.2-6). */
export interface ElectionHello {
  readonly serverId: number;
  /** The addresses of the sender's election port, without wildcard addresses. */
  readonly addresses: readonly PeerAddress[];
}

/** The protocol version of a hello with one address. */
const protocolVersion = -65_536;
/** The protocol version of a hello that lists several addresses (ZooKeeper 3.6 and later). */
const protocolVersionOfSeveral = -65_535;
const addressBytesMax = 2048;
const portMax = 65_535;
/** An observer without an id sends Long.MAX_VALUE, which is 2^63 - 1. The nearest JavaScript number is 2^63. */
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
 * Decodes the hello at the start of the received bytes. Also returns the number of bytes that the hello occupies.
 * Returns undefined while the hello is incomplete. Throws `ProtocolError` if the bytes are not a hello.
 */
export function decodeHello(received: Buffer): { hello: ElectionHello; bytes: number } | undefined {
  if (received.length < 8) return undefined;
  const reader = new Reader(received);
  const version = reader.long();
  // servers before 3.5 send only their id, so these eight bytes are the id
  if (version >= 0) return { hello: { serverId: checkedId(version), addresses: [] }, bytes: 8 };
  if (version !== protocolVersion && version !== protocolVersionOfSeveral) {
    throw new ProtocolError(`version ${version} of the election protocol is unknown`);
  }
  if (reader.remaining < 12) return undefined;
  const serverId = checkedId(reader.long());
  const length = reader.int();
  if (length <= 0 || length > addressBytesMax) {
    throw new ProtocolError(`an address of ${length} bytes; it must have 1 to ${addressBytesMax}`);
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
  throw new ProtocolError(`${serverId} is not a valid server id`);
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
