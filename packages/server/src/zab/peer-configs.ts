import { ProtocolError } from '@nodekeeper/protocol';
import type { Logger } from '../log/logger.js';
import { type ActiveConfig, type EnsembleConfig, parseConfigText, type Role } from '../membership/index.js';
import { parsed } from './peer-input.js';

/**
 * Parses a configuration. Returns undefined if the configuration is not newer than `present`. Throws `ProtocolError` if
 * the configuration is invalid.
 */
function newerConfig(text: string, present: EnsembleConfig): EnsembleConfig | undefined {
  if (text === '' || text === present.text) return undefined;
  const result = parsed(() => parseConfigText(text));
  if ('errors' in result) throw new ProtocolError(`an invalid configuration: ${result.errors.join('; ')}`);
  return result.config.version > present.version ? result.config : undefined;
}

/**
 * Adopts newer configurations that other servers send (spec 4.2.3, 4.6.5). A new configuration is committed by a quorum
 * of the previous one. During an election, a server therefore adopts a configuration only if a quorum of its own
 * configuration has sent it. Otherwise one server could have invented it. A server with a leader adopts the leader's
 * configuration.
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

  /**
   * Handles the configuration that a member has sent in an election. Returns true if this server has adopted the
   * configuration.
   */
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
   * Handles the leader's configuration, after a quorum has started to follow the leader. Returns false if the
   * configuration changes the role of this server.
   */
  receivedFromLeader(text: string): boolean {
    const config = newerConfig(text, this.#config.committed);
    return config === undefined || this.#adopt(config);
  }

  get #role(): Role | undefined {
    return this.#config.committed.members.get(this.#myId)?.role;
  }

  /** Adopts the configuration. Returns false if the configuration changes the role of this server. */
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
