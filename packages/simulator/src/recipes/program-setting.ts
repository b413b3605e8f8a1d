import type { ConnectionPolicy } from '@nodekeeper/recipes';
import { type ClockSkew, drawSkew, pick } from '@nodekeeper/server/testing';

/** How one program uses its client and the recipe. Each program of a run draws its own behaviour. */
export interface ProgramSetting {
  readonly name: string;
  readonly skew: ClockSkew;
  readonly sessionTimeoutMs: number;
  /** If false, the program makes a new client when its session has expired. */
  readonly renewSession: boolean;
  readonly policy: ConnectionPolicy;
  /** The time between two uses of the recipe is at most twice this time. */
  readonly thinkMs: number;
  /** How long the program keeps what the recipe gives it: at most twice this time. */
  readonly workMs: number;
  /** The share of calls that the program gives up before they end. */
  readonly impatience: number;
}

export function drawProgram(random: () => number, name: string): ProgramSetting {
  return {
    name,
    skew: drawSkew(random),
    sessionTimeoutMs: 700 + random() * random() * 3300,
    renewSession: random() < 0.5,
    policy: random() < 0.5 ? 'session' : 'suspend',
    thinkMs: pick(random, [30, 100, 400]),
    workMs: pick(random, [5, 100, 600, 2000]),
    impatience: pick(random, [0, 0, 0.1, 0.4]),
  };
}

export function describeProgram(setting: ProgramSetting): string {
  const { name, sessionTimeoutMs, renewSession, policy, thinkMs, workMs, impatience } = setting;
  const session = `session ${sessionTimeoutMs.toFixed(0)} ms${renewSession ? ', renewed' : ''}, policy ${policy}`;
  return `${name}: ${session}; think ${thinkMs} ms, work ${workMs} ms, impatience ${impatience}`;
}
