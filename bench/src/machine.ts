import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** Describes the machine on which a measurement was made. Without this description, the numbers mean nothing. */
export interface Machine {
  cores: number;
  memoryGiB: number;
  kernel: string;
  node: string;
  java: string;
  /**
   * The load average of the minute before the run: the number of processes that wanted a core. A value well above 0
   * means that other programs were running.
   */
  loadBefore: number;
}

export function describeMachine(): Machine {
  return {
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: `Linux ${release().split('-')[0]}`,
    node: process.version,
    java: javaVersion(),
    loadBefore: Math.round(loadavg()[0]! * 10) / 10,
  };
}

function javaVersion(): string {
  try {
    const text = execFileSync('java', ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return text.split('\n')[0]!;
  } catch {
    return 'none';
  }
}
