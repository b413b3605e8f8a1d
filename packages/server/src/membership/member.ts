import { javaHostText } from './host-text.js';

/**
 * The id of a server: the number after `server.` and in the file `myid`. An id is a long on the wire. In this code it
 * is a number, not a bigint, because elections and acknowledgements constantly compare ids and use them as keys. A
 * configuration with an id too large for an exact number is refused when it is read. An observer votes for
 * `Long.MIN_VALUE`, which means "no leader". That is -2^63, which a number represents exactly.
 */
export type ServerId = number;

/** Participants vote. Observers do not vote, and receive the transactions from the leader. */
export type Role = 'participant' | 'observer';

/** A host and a port. The host has the form of {@link javaHostText}: literal addresses in full and without brackets. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/**
 * One address of a server. If the server leads, its followers connect to the quorum port. Servers exchange votes over
 * their election ports.
 */
export interface MemberAddress {
  readonly host: string;
  readonly quorumPort: number;
  readonly electionPort: number;
}

/** One server of an ensemble, as its `server.N` line describes it. */
export interface Member {
  readonly id: ServerId;
  readonly role: Role;
  /** The server's addresses: at least one, and no two with the same host and port. */
  readonly addresses: readonly MemberAddress[];
  /** The address on which the server accepts clients. Null if the `server.N` line contains none. */
  readonly clientAddress: Endpoint | null;
  /** True if the client address comes only from clientPort in zoo.cfg. The configuration text then omits it (4.8.8). */
  readonly isClientAddressFromStatic: boolean;
}

/** Creates a member and converts its hosts to the form of {@link javaHostText}. */
export function createMember(
  id: ServerId,
  addresses: readonly MemberAddress[],
  { role = 'participant', clientAddress = null }: { role?: Role; clientAddress?: Endpoint | null } = {},
): Member {
  return {
    id,
    role,
    addresses: addresses.map((address) => ({ ...address, host: javaHostText(address.host) })),
    clientAddress: clientAddress && { ...clientAddress, host: javaHostText(clientAddress.host) },
    isClientAddressFromStatic: false,
  };
}

/**
 * The text after `server.N=`, exactly as ZooKeeper prints it. Addresses are sorted by host. The role is always printed,
 * and so is the host of a client address.
 */
export function printMember({ role, addresses, clientAddress, isClientAddressFromStatic }: Member): string {
  const printed = [...addresses]
    .sort((one, other) => (one.host < other.host ? -1 : one.host > other.host ? 1 : 0))
    .map(({ host, quorumPort, electionPort }) => `${bracketed(host)}:${quorumPort}:${electionPort}`);
  const client =
    clientAddress === null || isClientAddressFromStatic
      ? ''
      : `;${bracketed(clientAddress.host)}:${clientAddress.port}`;
  return `${printed.join('|')}:${role}${client}`;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/**
 * Whether two descriptions name the same server with the same role and addresses (4.8.6). Names are compared as text
 * and not resolved.
 */
export function isSameMember(one: Member, other: Member): boolean {
  return (
    one.id === other.id &&
    one.role === other.role &&
    isSameSet(quorumEndpoints(one), quorumEndpoints(other)) &&
    isSameSet(electionEndpoints(one), electionEndpoints(other)) &&
    endpointKey(one.clientAddress) === endpointKey(other.clientAddress)
  );
}

/**
 * All endpoints of a member to which other servers connect, each as `host:port`. Two members with a common endpoint are
 * the same process.
 */
export function memberEndpoints(member: Member): Set<string> {
  return new Set([...quorumEndpoints(member), ...electionEndpoints(member)]);
}

function quorumEndpoints({ addresses }: Member): Set<string> {
  return new Set(addresses.map(({ host, quorumPort }) => endpointKey({ host, port: quorumPort })));
}

function electionEndpoints({ addresses }: Member): Set<string> {
  return new Set(addresses.map(({ host, electionPort }) => endpointKey({ host, port: electionPort })));
}

function endpointKey(endpoint: Endpoint | null): string {
  return endpoint === null ? '' : `${bracketed(endpoint.host.toLowerCase())}:${endpoint.port}`;
}

function isSameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((item) => other.has(item));
}
