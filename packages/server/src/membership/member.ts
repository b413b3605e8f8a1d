import { javaHostText } from './host-text.js';

/**
 * The number after `server.` and in the file `myid`. It is a long on the wire and a JavaScript number here. Ids are
 * small (the first byte of a session id holds the low byte of one). Elections and acknowledgements compare and look
 * them up constantly. A configuration with an id that a number cannot hold is refused when it is read.
 * `Long.MIN_VALUE`, which an observer proposes as "no leader", is a power of two and therefore exact, too.
 */
export type ServerId = number;

/** Participants vote; observers only follow. */
export type Role = 'participant' | 'observer';

/** A host in the form of {@link javaHostText}: without brackets, literal addresses in full. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/**
 * One address of a server: followers connect to the leader's quorum port, and all servers vote on the election ports.
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
  /** At least one; no two with the same host and port. */
  readonly addresses: readonly MemberAddress[];
  /** The address for clients, if the server line has one. */
  readonly clientAddress: Endpoint | null;
  /** The client address comes only from clientPort in zoo.cfg and is not part of the configuration text (4.8.8). */
  readonly isClientAddressFromStatic: boolean;
}

/** Creates a member, with its hosts in the form of {@link javaHostText}. */
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
 * The text after `server.N=`, exactly as ZooKeeper prints it: addresses sorted by host, always with the role and the
 * client's host.
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

/** Whether two descriptions name the same server with the same role and addresses (4.8.6). Does not resolve names. */
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
 * All endpoints that other servers connect to, each as `host:port`. Two servers that share one are the same process.
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
