import { ProtocolError } from '@nodekeeper/protocol';
import type { Logger } from '../log/logger.js';
import { type ActiveConfig, type EnsembleConfig, parseConfigText, type Role } from '../membership/index.js';
import { parsed } from './peer-input.js';

/** The configuration that a text holds, if it is newer than the present one. Throws `ProtocolError` if it makes no sense. */
function newerConfig(text: string, present: EnsembleConfig): EnsembleConfig | undefined {
  if (text === '' || text === present.text) return undefined;
  const result = parsed(() => parseConfigText(text));
  if ('errors' in result) throw new ProtocolError(`a configuration that makes no sense: ${result.errors.join('; ')}`);
  return result.config.version > present.version ? result.config : undefined;
}

/**
 * The configurations that other servers tell, of which this server adopts newer ones. A new configuration is committed by
 * a quorum of the one before. So one that no such quorum tells may be an invention, and is not adopted during an election.
 * A server that has a leader learns the configuration from it (inventory 4.2.3, 4.6.5).
 */
export class ToldConfigs {
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

  /** A member tells its configuration in an election. True: this server has adopted it. */
  toldByMember(serverId: number, text: string): boolean {
    const present = this.#config.committed;
    this.#texts.set(serverId, text);
    const tellers = new Set<number>();
    for (const [teller, told] of this.#texts) if (told === text) tellers.add(teller);
    const config = present.verifier.containsQuorum(tellers) ? newerConfig(text, present) : undefined;
    if (config !== undefined) this.#adopt(config);
    return config !== undefined;
  }

  /** The leader tells its configuration, and a quorum follows it. False: this server has another role in it. */
  toldByLeader(text: string): boolean {
    const config = newerConfig(text, this.#config.committed);
    return config === undefined || this.#adopt(config);
  }

  get #role(): Role | undefined {
    return this.#config.committed.members.get(this.#myId)?.role;
  }

  /** False: this server has another role in this configuration. */
  #adopt(config: EnsembleConfig): boolean {
    const role = this.#role;
    this.#config.commit(config);
    this.#logger.info(`The configuration is version ${config.version.toString(16)} now`);
    if (this.#role !== role) {
      this.#logger.warn(`This server is ${this.#role ?? 'no member'} now, where it was ${role}: correct zoo.cfg`);
    }
    this.#adopted(config);
    return this.#role === role;
  }
}
