import { javaHostText } from './host-text.js';

/**
 * The number behind `server.` and in the file `myid`. On the wire it is a long, here a JavaScript number: ids in use are
 * small (the first byte of a session id holds the low byte of one), comparing and looking them up is what elections and
 * acknowledgements do all the time, and a configuration with an id that a number cannot hold is refused when it is read.
 * `Long.MIN_VALUE`, which an observer proposes as "no leader", is a power of two and therefore exact as well.
 */
export type ServerId = number;

/** Participants vote, observers only follow. */
export type Role = 'participant' | 'observer';

/** Host as {@link javaHostText} gives it: without brackets, literal addresses in full. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** One way to reach a server: followers connect to the quorum port of the leader, everyone votes on election ports. */
export interface MemberAddress {
  readonly host: string;
  readonly quorumPort: number;
  readonly electionPort: number;
}

/** One server of an ensemble, as its `server.N` line describes it. */
export interface Member {
  readonly id: ServerId;
  readonly role: Role;
  /** One or more, each of another host or port. */
  readonly addresses: readonly MemberAddress[];
  /** Where clients connect, if the server line says so. */
  readonly clientAddress: Endpoint | null;
  /** The client address is known from clientPort in zoo.cfg only: not part of the configuration text (4.8.8). */
  readonly isClientAddressFromStatic: boolean;
}

/** Makes a member; hosts are brought into the form of {@link javaHostText}. */
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

/** What stands behind `server.N=`, exactly as Apache prints it: addresses by host, the role always, the client's host too. */
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

/** Whether two descriptions mean the same server in the same role at the same addresses (4.8.6). Names are not resolved. */
export function isSameMember(one: Member, other: Member): boolean {
  return (
    one.id === other.id &&
    one.role === other.role &&
    isSameSet(quorumEndpoints(one), quorumEndpoints(other)) &&
    isSameSet(electionEndpoints(one), electionEndpoints(other)) &&
    endpointKey(one.clientAddress) === endpointKey(other.clientAddress)
  );
}

/** All endpoints that other servers connect to, each as `host:port`; two servers that share one are the same process. */
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
