import type { Request } from '../raw/operations.js';
import { Generator } from './generator.js';
import { type Observation, Side, type Step } from './side.js';

interface DifferentialOptions {
  seed: number;
  /** The run ends after this number of requests. */
  requests: number;
  /** Returns true for a request that must not be sent. */
  without: (request: Request) => boolean;
  /** The command-line options that a replay of the run needs in addition to `--seed` and `--requests`. */
  replayOptions: string;
  portA: number;
  portB: number;
  nameA: string;
  nameB: string;
}

export interface DifferentialResult {
  sent: number;
  /** How often each kind of result occurred: each error code, events, closed connections and so on. */
  outcomes: Map<string, number>;
}

const slotCount = 5;
const historyLength = 25;

/** Sends the same steps to both servers. At the first difference it throws an error that lists the last steps. */
export async function runDifferential(options: DifferentialOptions): Promise<DifferentialResult> {
  const sides = [new Side(options.portA, slotCount), new Side(options.portB, slotCount)] as const;
  const generator = new Generator(options.seed, slotCount, options.without);
  const history: string[] = [];
  const outcomes = new Map<string, number>();
  let sent = 0;
  try {
    while (sent < options.requests) {
      const step = generator.next((slot) => sides[0].isOpen(slot));
      const number = `#${sent}`;
      history.push(`${number} ${describeStep(step)}`);
      if (history.length > historyLength) history.shift();
      const [a, b] = await Promise.all(sides.map((side, index) => perform(side, step, index)));
      if (a!.join('\n') !== b!.join('\n')) throw new Error(report(options, history, a!, b!));
      if (step.kind === 'open' && !a![0]!.startsWith('connected'))
        throw new Error(`both refuse new sessions: ${a![0]}; the steps before:\n${history.join('\n')}`);
      for (const line of a!) count(outcomes, line);
      generator.learn(step, sides[0].lastIncoming);
      sent += step.kind === 'requests' ? step.requests.length : 1;
    }
  } finally {
    for (const side of sides) side.closeAll();
  }
  return { sent, outcomes };
}

/**
 * Counts an observed line by its kind, such as `err -101` or `event`. The counts show that the run had many kinds of
 * replies.
 */
function count(outcomes: Map<string, number>, line: string): void {
  const outcome = /^slot \d+ (reply xid -?\d+ zxid -?\d+ (err -?\d+)|event|closed|unreadable)/.exec(line);
  const key = outcome?.[2] ?? outcome?.[1] ?? line.split(' ', 1)[0]!;
  outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
}

async function perform(side: Side, step: Step, index: number): Promise<Observation> {
  try {
    return await side.perform(step);
  } catch (error) {
    return [`server ${index === 0 ? 'A' : 'B'}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

function report(options: DifferentialOptions, history: string[], a: Observation, b: Observation): string {
  const at = a.findIndex((line, index) => line !== b[index]);
  const index = at < 0 ? a.length : at;
  return [
    `seed ${options.seed}: a difference; the last steps, the last of them the one that differs:`,
    ...history.map((line) => `  ${shorten(line, 600)}`),
    `${options.nameA}: ${shorten(a[index] ?? '(nothing more)', 2_000)}`,
    `${options.nameB}: ${shorten(b[index] ?? '(nothing more)', 2_000)}`,
    `(line ${index + 1} of ${a.length} against ${b.length} of this step)`,
    `replay: npm run test:interop -- differential --seed ${options.seed} --requests ${options.requests}${options.replayOptions}`,
  ].join('\n');
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}... (${text.length} characters)`;
}

function describeStep(step: Step): string {
  if (step.kind === 'requests') return `slot ${step.slot} ${step.requests.map(describeRequest).join('; ')}`;
  if (step.kind === 'bytes') return `slot ${step.slot} bytes ${step.bytes.toString('hex')}`;
  return JSON.stringify(step);
}

function describeRequest(request: Request): string {
  const body = request.rawBody === undefined ? (request.multi ?? request.value ?? {}) : request.rawBody.toString('hex');
  const code = request.rawCode === undefined ? '' : ` as op ${request.rawCode}`;
  return `${request.operation}${code} ${JSON.stringify(body, (_key, value: unknown) => {
    const data = (value as { type?: string; data?: number[] } | null)?.data;
    return Array.isArray(data) ? `0x${Buffer.from(data).toString('hex')}` : value;
  })}`;
}
