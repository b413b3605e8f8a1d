import { tail } from '../peers/index.js';
import { javaNoise } from './known-differences.js';
import { masked } from './masks.js';

/** What a shell printed on each stream. */
export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command printed, and the prompt before it. */
export interface Section extends Printed {
  readonly prompt: string;
}

/** A question about a node that is not there: its answer on standard error shows where the output of a command ends. */
export const marker = (index: number) => `/marker-${index}`;

const prompt = /\[zk: [^\]]*\] /g;
/** Printed by a thread of its own, in the middle of anything. */
const eventHead = /\nWATCHER::\n/g;
const eventLine = /\nWatchedEvent (.*)\n/g;

/** Takes the watch events out of the output, in their order. */
export function withoutEvents(stdout: string): { text: string; events: string[] } {
  const events = [...stdout.matchAll(eventLine)].map(([, event = '']) => event);
  return { text: stdout.replaceAll(eventHead, '').replaceAll(eventLine, ''), events };
}

/** Without all that is different in each run. */
export function comparable({ stdout, stderr }: Printed, port: number): Printed {
  const clean = (text: string) => masked(javaNoise.reduce((rest, noise) => rest.replaceAll(noise, ''), text));
  const portless = (text: string) => text.replaceAll(`:${port}`, ':PORT');
  return { stdout: portless(clean(stdout)), stderr: portless(clean(stderr)) };
}

/** Cuts the output of a script whose commands each had a marker behind them. */
export function inSections({ stdout, stderr }: Printed, count: number): Section[] {
  const prompts = stdout.match(prompt) ?? [];
  const outputs = stdout.split(prompt).slice(1);
  let rest = stderr;
  return Array.from({ length: count }, (_, index) => {
    const end = `Node does not exist: ${marker(index)}\n`;
    const at = rest.indexOf(end);
    if (at < 0 || outputs.length <= count * 2)
      throw new Error(`the shell stopped early; it printed:\n${tail(stdout, 40)}`);
    const section = rest.slice(0, at);
    rest = rest.slice(at + end.length);
    return { prompt: prompts[index * 2] ?? '', stdout: outputs[index * 2] ?? '', stderr: section };
  });
}
