import { ProtocolError } from '@nodekeeper/protocol';
import type { Logger } from '../log/logger.js';
import { type ActiveConfig, type EnsembleConfig, parseConfigText, type Role } from '../membership/index.js';
import { parsed } from './peer-input.js';

/**
 * Parses a configuration. Returns undefined if it is not newer than the present one. Throws `ProtocolError` if it is
 * invalid.
 */
function newerConfig(text: string, present: EnsembleConfig): EnsembleConfig | undefined {
  if (text === '' || text === present.text) return undefined;
  const result = parsed(() => parseConfigText(text));
  if ('errors' in result) throw new ProtocolError(`an invalid configuration: ${result.errors.join('; ')}`);
  return result.config.version > present.version ? result.config : undefined;
}

/**
 * Adopts newer configurations that other servers send. A quorum of the previous configuration commits a new one. A
 * configuration that no such quorum sends may be invented, so a server does not adopt it during an election. A server
 * with a leader adopts the leader's configuration (spec 4.2.3, 4.6.5).
 */
export class PeerConfigs {
  readonly #myId: number;
  readonly #config: ActiveConfig;
  readonly #adopted: (config: EnsembleConfig) => void;
  readonly #logger: Logger;
  readonly #texts = new Map<number, string>();

  constructor(myId: number, config: ActiveConfig, adopted: (config: EnsembleConfig) => void, logger: Logger) {
    this.#myId = myId;
    this.#config = config;
    this.#adopted = adopted;
    this.#logger = logger;
  }

  /** A member has sent its configuration in an election. Returns true if this server has adopted it. */
  receivedFromMember(serverId: number, text: string): boolean {
    const present = this.#config.committed;
    this.#texts.set(serverId, text);
    const senders = new Set<number>();
    for (const [sender, sent] of this.#texts) if (sent === text) senders.add(sender);
    const config = present.verifier.containsQuorum(senders) ? newerConfig(text, present) : undefined;
    if (config !== undefined) this.#adopt(config);
    return config !== undefined;
  }

  /**
   * The leader has sent its configuration, and a quorum follows it. Returns false if this server has another role in
   * it.
   */
  receivedFromLeader(text: string): boolean {
    const config = newerConfig(text, this.#config.committed);
    return config === undefined || this.#adopt(config);
  }

  get #role(): Role | undefined {
    return this.#config.committed.members.get(this.#myId)?.role;
  }

  /** Returns false if this server has another role in this configuration. */
  #adopt(config: EnsembleConfig): boolean {
    const role = this.#role;
    this.#config.commit(config);
    this.#logger.info(`The configuration now has version ${config.version.toString(16)}`);
    if (this.#role !== role) {
      this.#logger.warn(`The role of this server is now ${this.#role ?? 'none'}, and was ${role}: correct zoo.cfg`);
    }
    this.#adopted(config);
    return this.#role === role;
  }
}
