import type { Held } from '@nodekeeper/recipes';
import type { Program } from './program.js';

export interface HoldOptions {
  /** True for a hold that excludes only holds that are not shared. */
  readonly isShared?: boolean;
  /** How much of the limit the hold takes. */
  readonly weight?: number;
}

/** A hold that a program has and has not begun to release. */
interface Hold {
  readonly program: Program;
  readonly held: Held;
  readonly isShared: boolean;
  readonly weight: number;
  readonly sessionId: bigint;
  readonly life: number;
}

/**
 * Another system that accepts the writes of holders. It refuses a token that is older than one that it has seen. Checks
 * that holders exclude each other.
 */
export class ExclusiveHolds {
  #newestToken = 0;
  readonly #holds = new Set<Hold>();

  /** @param limit the maximum sum of the weights of holds at a time */
  constructor(private readonly limit = 1) {}

  /** Called when a program gets a hold. Returns the function that it calls before it begins to release the hold. */
  granted(program: Program, held: Held, { isShared = false, weight = 1 }: HoldOptions = {}): () => void {
    const { life } = program.process;
    const hold: Hold = { program, held, isShared, weight, sessionId: program.zk!.session.id, life };
    program.note(`holds ${held.path} with token 0x${held.token.toString(16)}${held.signal.aborted ? ', lost' : ''}`);
    if (!held.signal.aborted) {
      this.#checkAlone(hold);
      this.#holds.add(hold);
      held.signal.addEventListener('abort', () => program.note(`loses ${held.path}: ${held.signal.reason.message}`));
    }
    return () => this.#holds.delete(hold);
  }

  #checkAlone(hold: Hold): void {
    const { program, held, isShared } = hold;
    if (!isValid(hold)) return;
    const others = [...this.#holds].filter((each) => !(isShared && each.isShared) && isValid(each));
    const taken = others.reduce((sum, { weight }) => sum + weight, 0);
    program.check(taken === 0 || taken + hold.weight <= this.limit, 'MutualExclusion', () => {
      const names = others.map((each) => `${each.program.name} (${each.held.path})`);
      return `gets ${held.path}, but ${names.join(', ')} still hold it`;
    });
  }

  /** Writes to the other system. A write with the token of a valid hold must be accepted. */
  write({ token }: Held, program: Program): void {
    const isAccepted = token >= this.#newestToken;
    if (isAccepted) this.#newestToken = token;
    const hold = [...this.#holds].find((each) => each.program === program && each.held.token === token);
    if (hold === undefined || !isValid(hold)) return;
    program.check(isAccepted, 'FencingToken', () => {
      return `holds token 0x${token.toString(16)}, but another holder has 0x${this.#newestToken.toString(16)}`;
    });
  }
}

/**
 * True if the hold counts: the program has not learned that it may be lost, and it could have learned that in time. Two
 * cases are exempt: a process that does not run, and a server that vouches for a session that its leader has ended.
 */
function isValid({ program, held, sessionId, life }: Hold): boolean {
  const isAlive = program.process.life === life && !held.signal.aborted;
  return isAlive && !program.isAsleep && !program.isDeceived(sessionId);
}
