import { tail } from '../peers/index.js';
import { javaNoise } from './known-differences.js';
import { masked } from './masks.js';

/** What a shell has printed. */
export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

/** What a shell has printed for one command, and the prompt before the command. */
export interface Section extends Printed {
  readonly prompt: string;
}

/**
 * A `get` of this missing node follows each command. Its error message on standard error shows where the output of the
 * command ends.
 */
export const marker = (index: number) => `/marker-${index}`;

const prompt = /\[zk: [^\]]*\] /g;
/** A separate thread of the shell prints watch events, so their lines can be at any point of the output. */
const eventHead = /\nWATCHER::\n/g;
const eventLine = /\nWatchedEvent (.*)\n/g;

/** Removes the watch events from the output. Returns the remaining text, and the events in order. */
export function withoutEvents(stdout: string): { text: string; events: string[] } {
  const events = [...stdout.matchAll(eventLine)].map(([, event = '']) => event);
  return { text: stdout.replaceAll(eventHead, '').replaceAll(eventLine, ''), events };
}

/** Removes or masks everything that differs in each run. */
export function comparable({ stdout, stderr }: Printed, port: number): Printed {
  const clean = (text: string) => masked(javaNoise.reduce((rest, noise) => rest.replaceAll(noise, ''), text));
  const portless = (text: string) => text.replaceAll(`:${port}`, ':PORT');
  return { stdout: portless(clean(stdout)), stderr: portless(clean(stderr)) };
}

/**
 * Splits the output of a script into a section for each command. In the script, a `get` of a marker follows each
 * command.
 */
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
