import { EnsembleConfig } from './ensemble-config.js';
import type { Member, ServerId } from './member.js';
import { type Groups, groupWeights } from './quorum-verifier.js';
import { parseServerLine } from './server-line.js';

/** One `key=value` of a configuration. A caller that reads a file may use a subtype that also holds the line number. */
export interface ConfigEntry {
  readonly key: string;
  readonly value: string;
}

/** A problem in a configuration, with the entries that cause it. `entries` is empty if the cause is a missing entry. */
interface ConfigFault<Entry extends ConfigEntry> {
  readonly entries: readonly Entry[];
  readonly message: string;
}

type ConfigEntriesResult<Entry extends ConfigEntry> =
  | { readonly config: EnsembleConfig }
  | { readonly faults: readonly ConfigFault<Entry>[] };

/** The part before the point in a key that ends with a number: `server` in `server.1`. */
type Kind = 'server' | 'group' | 'weight';

/**
 * Whether a key describes the membership: `server.N`, `group.N` or `weight.N`. Malformed keys of these kinds count too.
 */
export function isMembershipKey(key: string): boolean {
  return /^(?:server\.|group\b|weight\b)/.test(key);
}

/**
 * Parses the entries `server.N`, `group.N`, `weight.N` and `version`. Any other key is a fault. Reports all faults, not
 * only the first.
 */
export function readConfigEntries<Entry extends ConfigEntry>(entries: readonly Entry[]): ConfigEntriesResult<Entry> {
  const reader = new EntriesReader<Entry>();
  for (const entry of entries) reader.read(entry);
  return reader.finish();
}

class EntriesReader<Entry extends ConfigEntry> {
  readonly #faults: ConfigFault<Entry>[] = [];
  /** Maps each key that was read, for example `server.1`, to its entry. Used to find duplicates. */
  readonly #seen = new Map<string, Entry>();
  readonly #members: Member[] = [];
  readonly #groupOf = new Map<ServerId, number>();
  readonly #groupEntryOf = new Map<ServerId, Entry>();
  readonly #weights = new Map<ServerId, number>();
  readonly #groupEntries: Entry[] = [];
  readonly #weightEntries: Entry[] = [];
  #version = 0;

  read(entry: Entry): void {
    if (entry.key === 'version') {
      this.#readVersion(entry);
      return;
    }
    const match = /^(server|group|weight)\.\+?(\d{1,20})$/.exec(entry.key);
    const id = Number(match?.[2]);
    if (match === null || !Number.isSafeInteger(id)) {
      const expected = isMembershipKey(entry.key) ? 'is not of the form' : 'is not one of';
      this.#fault([entry], `'${entry.key}' ${expected} server.N, group.N or weight.N`);
      return;
    }
    const first = this.#seen.get(`${match[1]}.${id}`);
    if (first !== undefined) {
      this.#fault([first, entry], `${match[1]}.${id} is defined twice; remove one of the lines or correct its number`);
      return;
    }
    this.#seen.set(`${match[1]}.${id}`, entry);
    this.#readNumbered(match[1] as Kind, id, entry);
  }

  finish(): ConfigEntriesResult<Entry> {
    const voters = this.#members.filter(({ role }) => role === 'participant').map(({ id }) => id);
    // If another entry is faulty, voters may be missing only for that reason, so their lack is not reported.
    if (this.#faults.length === 0) this.#checkVoters(voters);
    const groups = this.#groupEntries.length + this.#weightEntries.length === 0 ? null : this.#grouping(voters);
    if (this.#faults.length > 0) return { faults: this.#faults };
    return { config: new EnsembleConfig(this.#members, groups, this.#version) };
  }

  #fault(entries: readonly Entry[], message: string): void {
    this.#faults.push({ entries, message });
  }

  #readVersion(entry: Entry): void {
    const version = /^\+?[0-9a-fA-F]{1,16}$/.test(entry.value) ? Number.parseInt(entry.value, 16) : Number.NaN;
    if (Number.isSafeInteger(version)) this.#version = version;
    else this.#fault([entry], `version=${entry.value} is not a zxid in hexadecimal`);
  }

  #readNumbered(kind: Kind, id: number, entry: Entry): void {
    if (kind === 'server') this.#readServer(id, entry);
    else if (kind === 'group') this.#readGroup(id, entry);
    else this.#readWeight(id, entry);
  }

  #readServer(id: ServerId, entry: Entry): void {
    const result = parseServerLine(id, entry.value);
    if ('member' in result) this.#members.push(result.member);
    else this.#fault([entry], `${entry.key}=${entry.value} ${result.error}`);
  }

  #readGroup(group: number, entry: Entry): void {
    this.#groupEntries.push(entry);
    for (const text of entry.value.split(':')) {
      const id = /^\+?\d+$/.test(text) ? Number(text) : Number.NaN;
      const other = this.#groupEntryOf.get(id);
      if (!Number.isSafeInteger(id)) {
        this.#fault([entry], `${entry.key}=${entry.value} is not a list of server ids separated by ':'`);
        return;
      }
      if (other === entry) this.#fault([entry], `${entry.key} names server ${id} twice; remove one of them`);
      else if (other !== undefined) {
        this.#fault([other, entry], `server ${id} is in ${other.key} and in ${entry.key}; remove it from one of them`);
      }
      this.#groupOf.set(id, group);
      this.#groupEntryOf.set(id, entry);
    }
  }

  #readWeight(id: ServerId, entry: Entry): void {
    this.#weightEntries.push(entry);
    const weight = /^\+?\d+$/.test(entry.value) ? Number(entry.value) : Number.NaN;
    if (Number.isSafeInteger(weight)) this.#weights.set(id, weight);
    else this.#fault([entry], `${entry.key}=${entry.value} is not a whole number of 0 or more`);
  }

  #checkVoters(voters: readonly ServerId[]): void {
    if (voters.length > 0) return;
    this.#fault(
      this.#members.map(({ id }) => this.#seen.get(`server.${id}`)!),
      this.#members.length === 0
        ? 'there is no server line; add one for each server of the ensemble'
        : 'all servers are observers, which cannot elect a leader; remove :observer from the servers that should vote',
    );
  }

  /** Builds the groups and gives each voter a weight. Reports faults that make a quorum impossible. */
  #grouping(voters: readonly ServerId[]): Groups {
    if (this.#groupEntries.length === 0) {
      this.#fault(
        this.#weightEntries,
        'weights need groups; add group.N lines that name every voter, or remove the weights',
      );
    } else if (!this.#faults.some(({ entries }) => entries.some(({ key }) => key.startsWith('group')))) {
      // A voter without a group can be detected only if all group entries could be parsed.
      this.#checkGroups(new Set(voters));
    }
    const weights = new Map(this.#weights);
    for (const id of voters) if (!weights.has(id)) weights.set(id, 1);
    const groups = { groupOf: this.#groupOf, weights };
    if (this.#faults.length === 0 && groupWeights(groups).size === 0) {
      this.#fault(
        this.#groupEntries,
        'no group has any weight, so no quorum is possible; give voters a weight above 0',
      );
    }
    return groups;
  }

  #checkGroups(voters: ReadonlySet<ServerId>): void {
    for (const id of voters) {
      if (this.#groupOf.has(id)) continue;
      this.#fault([this.#seen.get(`server.${id}`)!], `server.${id} votes but is in no group; add it to a group.N line`);
    }
    const memberIds = new Set(this.#members.map(({ id }) => id));
    for (const [id, entry] of this.#groupEntryOf) {
      // ZooKeeper accepts a non-voting server in a group if the server has a weight.
      if (voters.has(id) || this.#weights.has(id)) continue;
      const server = this.#seen.get(`server.${id}`);
      if (server === undefined) this.#fault([entry], `${entry.key} names server ${id}, which has no server line`);
      else if (memberIds.has(id)) {
        this.#fault([entry], `${entry.key} names server ${id}, which is an observer; remove it from the group`);
      }
    }
  }
}
