import { readConfigEntries } from '../membership/config-entries.js';
import type { EnsembleConfig } from '../membership/ensemble-config.js';
import { type Member, memberEndpoints, type ServerId } from '../membership/member.js';
import { groupWeights } from '../membership/quorum-verifier.js';
import { type FileReader, readNamedFile } from './file-reader.js';
import { type Membership, propertiesOf } from './membership.js';
import { readMyId } from './my-id.js';
import type { ServerConfig } from './server-config.js';
import type { Findings, Setting } from './setting.js';

/** The input of the checks in this file, besides the members of the ensemble. */
interface EnsembleContext {
  readonly config: ServerConfig;
  /** The position where each option was set, for error texts. Options that were not set are missing. */
  readonly given: ReadonlyMap<keyof ServerConfig, string>;
  /** Returns the setting of an option, even if its value is invalid. */
  readonly settingOf: (key: string) => Setting | undefined;
  /** The environment variables. Only `ZOO_MY_ID` and `ZOO_SERVERS` are read. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readFile: FileReader;
  /** The position that an error reports if a setting is missing. */
  readonly where: string;
  readonly findings: Findings;
}

/** A member, and the position of its `server.N` line. */
export interface PlacedMember {
  readonly member: Member;
  readonly where: string;
}

/** Whether the server is standalone or a member of an ensemble. The membership decides. */
type Mode =
  | {
      readonly kind: 'standalone';
      /** The only `server.N` line; undefined if there is no such line. */
      readonly own: PlacedMember | undefined;
    }
  | {
      readonly kind: 'ensemble';
      readonly ensemble: EnsembleConfig;
      readonly myId: ServerId;
      readonly own: PlacedMember;
    };

const extendedIdMax = 254;

/** Chooses between standalone and ensemble, by ZooKeeper's rules. Returns undefined if there are errors. */
export function readMode(membership: Membership, context: EnsembleContext): Mode | undefined {
  const { config, given, findings } = context;
  if (membership.settings.length === 0 && config.standaloneEnabled) return { kind: 'standalone', own: undefined };
  if (membership.settings.length === 0) {
    findings.errors.push(
      `${given.get('standaloneEnabled')}: standaloneEnabled=false needs server lines; add one for each server`,
    );
    return undefined;
  }
  const result = readConfigEntries(membership.settings);
  if ('faults' in result) {
    for (const { entries, message } of result.faults) {
      findings.errors.push(`${entries.map(({ where }) => where).join(', ') || membership.where}: ${message}`);
    }
    const lines = new Set(membership.settings.map(({ key }) => key).filter((key) => key.startsWith('server.')));
    if (lines.size > 1 || !config.standaloneEnabled) checkOwnSide(context);
    return undefined;
  }
  const ensemble = result.config;
  const placed = [...ensemble.members.values()].map((member) => ({ member, where: whereOf(member.id, membership) }));
  checkAddresses(placed, context);
  return config.standaloneEnabled && ensemble.voters.size === 1
    ? standalone(placed, findings)
    : inEnsemble(ensemble, placed, context);
}

function whereOf(id: ServerId, { settings, where }: Membership): string {
  return settings.find(({ key }) => key.startsWith('server.') && Number(key.slice(7)) === id)?.where ?? where;
}

function checkAddresses(placed: readonly PlacedMember[], { config, findings }: EnsembleContext): void {
  const owners = new Map<string, PlacedMember>();
  for (const one of placed) {
    const { id, addresses } = one.member;
    if (addresses.length > 1 && !config.multiAddressEnabled) {
      findings.errors.push(
        `${one.where}: server.${id} has several addresses; set multiAddress.enabled=true on every server, or keep only one address`,
      );
    }
    const endpoints = memberEndpoints(one.member);
    const taken = [...endpoints].find((endpoint) => owners.has(endpoint));
    if (taken !== undefined) {
      const { member: other, where } = owners.get(taken)!;
      findings.errors.push(
        `${where}, ${one.where}: server.${other.id} and server.${id} are both at ${taken}; correct one of them`,
      );
    }
    for (const endpoint of endpoints) owners.set(endpoint, one);
  }
}

function standalone(placed: readonly PlacedMember[], { errors, warnings }: Findings): Mode | undefined {
  const voter = placed.find(({ member }) => member.role === 'participant');
  const observers = placed.filter((one) => one !== voter);
  for (const { member, where } of observers) {
    errors.push(
      `${where}: server.${member.id} is an observer, but the single voter runs standalone; add voters, or set standaloneEnabled=false`,
    );
  }
  if (observers.length > 0) return undefined;
  warnings.push(`${voter?.where}: only one server is listed, so it runs standalone`);
  return { kind: 'standalone', own: voter };
}

function inEnsemble(
  ensemble: EnsembleConfig,
  placed: readonly PlacedMember[],
  context: EnsembleContext,
): Mode | undefined {
  const { findings } = context;
  warnAboutSize(ensemble, placed, context);
  const myId = checkOwnSide(context);
  if (myId === undefined) return undefined;
  const own = placed.find(({ member }) => member.id === myId.id);
  if (own === undefined) {
    const known = placed.map(({ member }) => member.id).join(', ');
    findings.errors.push(
      `${myId.where}: there is no server.${myId.id}, only ${known}; correct the number, or add a server line for it`,
    );
    return undefined;
  }
  checkPeerType(own, context);
  checkExtendedId(own, context);
  return { kind: 'ensemble', ensemble, myId: myId.id, own };
}

/**
 * Checks the settings that an ensemble needs besides its server lines: initLimit, syncLimit, and this server's own id.
 */
function checkOwnSide({ config, given, settingOf, findings, environment, readFile, where }: EnsembleContext) {
  for (const [option, field, meaning] of [
    ['initLimit', 'initLimitTicks', 'maximum ticks for a server to connect and synchronise, for example initLimit=10'],
    ['syncLimit', 'syncLimitTicks', 'maximum ticks for a follower to be silent, for example syncLimit=5'],
  ] as const) {
    const isUnreadable = settingOf(option) !== undefined && !given.has(field);
    if (config[field] > 0 || isUnreadable) continue;
    findings.errors.push(
      `${given.get(field) ?? where}: ${option} is not set, but an ensemble needs it: the ${meaning}`,
    );
  }
  return readMyId(config.dataDir, environment, readFile, findings);
}

function checkPeerType({ member, where }: PlacedMember, { settingOf, findings }: EnsembleContext): void {
  const peerType = settingOf('peerType');
  if (peerType === undefined || !/^(?:participant|observer)$/i.test(peerType.value)) return;
  if (peerType.value.toLowerCase() === member.role) return;
  findings.errors.push(
    `${peerType.where}: peerType=${peerType.value} contradicts server.${member.id} (${where}), which is ${member.role}; remove peerType, or add :${peerType.value.toLowerCase()} to the line on every server`,
  );
}

/**
 * A server's id is the top byte of its session ids. With extendedTypesEnabled, a node whose owner has 255 in this byte
 * is a TTL node, so the highest permitted id is 254.
 */
function checkExtendedId({ member: { id }, where }: PlacedMember, { config, given, findings }: EnsembleContext): void {
  if (!config.extendedTypesEnabled || id <= extendedIdMax) return;
  findings.errors.push(
    `${where}: server.${id}: with extendedTypesEnabled (${given.get('extendedTypesEnabled')}) the highest id is ${extendedIdMax}; a higher one would turn ephemeral nodes into TTL nodes. Give the server a lower id in all files and its myid, or remove extendedTypesEnabled on every server`,
  );
}

function warnAboutSize(
  ensemble: EnsembleConfig,
  placed: readonly PlacedMember[],
  { where, findings: { warnings } }: EnsembleContext,
): void {
  const voters = ensemble.voters.size;
  if (voters <= 2) warnings.push(`${where}: ${voters} voting servers tolerate no failure; at least 3 are needed`);
  else if (voters % 2 === 0) {
    warnings.push(
      `${where}: ${voters} voting servers tolerate no more failures than ${voters - 1}; an odd number is better`,
    );
  }
  for (const { member, where: line } of placed) {
    if (member.id <= 255) continue;
    warnings.push(
      `${line}: server.${member.id}: the id is above 255, so session ids contain only its last byte, ${member.id % 256}`,
    );
  }
  if (ensemble.groups !== null) warnAboutGroups(ensemble.groups, where, warnings);
}

function warnAboutGroups(groups: NonNullable<EnsembleConfig['groups']>, where: string, warnings: string[]): void {
  const weighty = groupWeights(groups);
  for (const group of new Set(groups.groupOf.values())) {
    if (!weighty.has(group))
      warnings.push(`${where}: group.${group} has no weight, so its servers never count for a quorum`);
  }
  if (weighty.size % 2 === 0) {
    warnings.push(
      `${where}: ${weighty.size} groups tolerate no more failures than ${weighty.size - 1}; an odd number is better`,
    );
  }
}

/**
 * Reads `zoo.cfg.dynamic.next`, the membership of a reconfiguration that was in progress when the server stopped.
 * Returns null if the file does not exist or has errors.
 */
export function readLastSeen(path: string, readFile: FileReader, { errors }: Findings): EnsembleConfig | null {
  const file = readNamedFile(path, readFile, errors);
  if (typeof file === 'string') return null;
  const result = readConfigEntries(propertiesOf(path, file.text, errors));
  if ('config' in result) return result.config;
  for (const { entries, message } of result.faults) {
    errors.push(`${entries.map(({ where }) => where).join(', ') || path}: ${message}`);
  }
  return null;
}
