import { ProtocolError } from '@nodekeeper/protocol';
import { type EnsembleConfig, parseConfigText } from '../membership/index.js';
import { parsed } from './peer-input.js';

/** The configuration that a text holds, if it is newer than the present one. Throws `ProtocolError` if it makes no sense. */
export function newerConfig(text: string, present: EnsembleConfig): EnsembleConfig | undefined {
  if (text === '' || text === present.text) return undefined;
  const result = parsed(() => parseConfigText(text));
  if ('errors' in result) throw new ProtocolError(`a configuration that makes no sense: ${result.errors.join('; ')}`);
  return result.config.version > present.version ? result.config : undefined;
}

/**
 * The configurations that the other members tell of while this server looks for a leader. A new one is committed by a quorum
 * of the one before, so one that no quorum of ours tells of may be anybody's invention: it is not taken over here. Whoever
 * has a leader gets to know its configuration from that (inventory 4.2.3, 4.6.5).
 */
export class ToldConfigs {
  readonly #texts = new Map<number, string>();

  /** Gives the configuration that takes the place of the present one, now that this member has told this text. */
  tell(serverId: number, text: string, present: EnsembleConfig): EnsembleConfig | undefined {
    this.#texts.set(serverId, text);
    if (text === present.text) return undefined;
    const tellers = new Set<number>();
    for (const [teller, told] of this.#texts) if (told === text) tellers.add(teller);
    return present.verifier.containsQuorum(tellers) ? newerConfig(text, present) : undefined;
  }
}
