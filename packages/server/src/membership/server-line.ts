import { javaHostText } from './host-text.js';
import { createMember, type Endpoint, type Member, type MemberAddress, type Role, type ServerId } from './member.js';

type ServerLineResult = { readonly member: Member } | { readonly error: string };

const form = 'host:quorumPort:electionPort[:participant|:observer][;[clientHost:]clientPort]';
const portMax = 65_535;

/** Thrown inside {@link parseServerLine}, which catches it and returns its message as the error. */
class ServerLineError extends Error {}

/**
 * Parses the text after `server.N=`: `host:quorumPort:electionPort[:role]`, several of them separated by `|`, then
 * `;[[clientHost:]clientPort]`. IPv6 literals are in brackets, roles may be in upper or lower case, and separators at
 * the end are ignored.
 * @returns the member, or the problem, phrased as the end of a sentence that begins with the server line.
 */
export function parseServerLine(id: ServerId, value: string): ServerLineResult {
  try {
    const [servers, client, ...more] = split(value, ';');
    if (servers === undefined) throw new ServerLineError(`is not of the form ${form}`);
    if (more.length > 0) {
      throw new ServerLineError('has more than one client address; set a TLS client port with secureClientPort');
    }
    const parsed = split(servers, '|').map(parseAddress);
    refuseRepeated(parsed);
    const clientAddress = client === undefined ? null : parseClientAddress(client);
    return { member: createMember(id, parsed.map(withoutRole), { role: commonRole(parsed), clientAddress }) };
  } catch (error) {
    if (error instanceof ServerLineError) return { error: error.message };
    throw error;
  }
}

/** Splits a text like Java's `String.split`, which drops empty parts at the end. */
function split(text: string, separator: string): string[] {
  const parts = text.split(separator);
  while (parts.at(-1) === '') parts.pop();
  return parts;
}

/** Splits `host:port:...` into its parts, and removes the brackets of an IPv6 host. */
function splitHost(text: string): string[] {
  const literal = /^\[([^\]]*)\]:(.*)$/.exec(text);
  if (literal === null) return split(text, ':');
  const [, host = '', ports = ''] = literal;
  return [host, ...split(ports, ':')];
}

type AddressWithRole = MemberAddress & { role: Role | undefined };

function parseAddress(text: string): AddressWithRole {
  const [host = '', quorumPort = '', electionPort, role, ...more] = splitHost(text);
  if (electionPort === undefined || more.length > 0 || !isHost(host)) {
    const hint = /::|^[^[].*(?::[^:]*){5}/.test(text) ? '; write an IPv6 address in brackets' : '';
    throw new ServerLineError(`is not of the form ${form}${hint}`);
  }
  const address = {
    host: javaHostText(host),
    quorumPort: parsePort(quorumPort, 1),
    electionPort: parsePort(electionPort, 1),
  };
  if (address.quorumPort === address.electionPort) {
    throw new ServerLineError(`uses port ${address.quorumPort} for both quorum and election; use two different ports`);
  }
  return { ...address, role: role === undefined ? undefined : parseRole(role) };
}

function isHost(host: string): boolean {
  return host !== '' && !/[\s[\]]/.test(host);
}

function parsePort(text: string, least: number): number {
  const port = /^\+?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (port >= least && port <= portMax) return port;
  throw new ServerLineError(`has the port '${text}', which is not a number from ${least} to ${portMax}`);
}

function parseRole(text: string): Role {
  const role = text.trim().toLowerCase();
  if (role === 'participant' || role === 'observer') return role;
  throw new ServerLineError(`has the role '${text}', which is neither participant nor observer`);
}

/**
 * The role that all addresses of a server share. Different roles are an error, although ZooKeeper accepts them and uses
 * the first role of the line.
 */
function commonRole(addresses: readonly AddressWithRole[]): Role {
  const roles = new Set(addresses.flatMap(({ role }) => role ?? []));
  if (roles.size > 1) throw new ServerLineError('has addresses with different roles; give all of them the same role');
  const [role = 'participant'] = roles;
  return role;
}

function refuseRepeated(addresses: readonly AddressWithRole[]): void {
  const seen = new Set<string>();
  for (const { host, quorumPort, electionPort } of addresses) {
    for (const port of new Set([quorumPort, electionPort])) {
      const endpoint = `${host.toLowerCase()}:${port}`;
      if (seen.has(endpoint)) throw new ServerLineError(`has ${endpoint} twice; remove one of them`);
      seen.add(endpoint);
    }
  }
}

function withoutRole({ host, quorumPort, electionPort }: AddressWithRole): MemberAddress {
  return { host, quorumPort, electionPort };
}

/**
 * Parses `[host:]port`. As in ZooKeeper, a port without a colon means every local address, and `:port` means localhost.
 */
function parseClientAddress(text: string): Endpoint {
  const [first, second, ...more] = splitHost(text);
  if (first === undefined || more.length > 0 || (second !== undefined && first !== '' && !isHost(first))) {
    throw new ServerLineError(`has the client address '${text}', which is not of the form [host:]port`);
  }
  if (second === undefined) return { host: '0.0.0.0', port: parsePort(first, 0) };
  return { host: first, port: parsePort(second, 0) };
}
