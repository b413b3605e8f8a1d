import type { Held } from '@nodekeeper/recipes';
import type { Program } from './program.js';

/** Holds of the kind `shared` exclude only those of the kind `exclusive`. */
export type HoldKind = 'exclusive' | 'shared';

/** A hold that a program has and has not begun to release. */
interface Hold {
  readonly program: Program;
  readonly held: Held;
  readonly kind: HoldKind;
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

  /** @param limit the maximum number of holds at a time */
  constructor(private readonly limit = 1) {}

  /** Called when a program gets a hold. Returns the function that it calls before it begins to release the hold. */
  granted(program: Program, held: Held, kind: HoldKind = 'exclusive'): () => void {
    const hold: Hold = { program, held, kind, sessionId: program.zk!.session.id, life: program.process.life };
    program.note(`holds ${held.path} with token 0x${held.token.toString(16)}${held.signal.aborted ? ', lost' : ''}`);
    if (!held.signal.aborted) {
      this.#checkAlone(hold);
      this.#holds.add(hold);
      held.signal.addEventListener('abort', () => program.note(`loses ${held.path}: ${held.signal.reason.message}`));
    }
    return () => this.#holds.delete(hold);
  }

  #checkAlone(hold: Hold): void {
    const { program, held, kind } = hold;
    if (!isValid(hold)) return;
    const isRival = (other: Hold) => kind === 'exclusive' || other.kind === 'exclusive';
    const others = [...this.#holds].filter((each) => isRival(each) && isValid(each));
    program.check(others.length < this.limit, 'MutualExclusion', () => {
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
