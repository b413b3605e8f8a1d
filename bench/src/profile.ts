/** Shows how a server's main thread spent its time, from the .cpuprofile file of `node --cpu-prof`. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { table } from './report.js';

const SHOWN = 25;

interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}

export class Profile {
  private readonly directory = mkdtempSync(join(tmpdir(), 'nodekeeper-profile-'));

  /** Command-line flags that make a Node.js process write a profile. */
  get nodeOptions(): string[] {
    return ['--cpu-prof', `--cpu-prof-dir=${this.directory}`];
  }

  /**
   * A table of the functions with the most self time. Call `finish` after the process has ended; it deletes the
   * profile.
   */
  finish(): string {
    const file = readdirSync(this.directory)[0];
    const text = file
      ? topFunctions(JSON.parse(readFileSync(join(this.directory, file), 'utf8')))
      : 'No profile was written.';
    rmSync(this.directory, { recursive: true, force: true });
    return text;
  }
}

/** A table of functions by self time. Idle time is excluded from the total. */
export function topFunctions(profile: CpuProfile): string {
  const nameOf = new Map(profile.nodes.map((node) => [node.id, describe(node.callFrame)]));
  const selfTime = new Map<string, number>();
  let busy = 0;
  profile.samples.forEach((id, index) => {
    const name = nameOf.get(id) ?? '?';
    if (name === '(idle)') return;
    const time = profile.timeDeltas[index] ?? 0;
    busy += time;
    selfTime.set(name, (selfTime.get(name) ?? 0) + time);
  });
  const top = [...selfTime].sort((a, b) => b[1] - a[1]).slice(0, SHOWN);
  const lines = top.map(([name, time]) => [name, `${((100 * time) / busy).toFixed(1)} %`]);
  return table(['function', 'share of busy time'], lines);
}

function describe({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const place = url === '' ? '' : ` ${basename(url)}:${lineNumber + 1}`;
  return `${functionName || '(anonymous)'}${place}`;
}
