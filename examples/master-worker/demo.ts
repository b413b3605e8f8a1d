// The whole example in one terminal. It starts a master, a backup, two workers and a client, each in its own process.
// Then it kills the master and a worker, and everything continues.
// Run it with: node examples/dist/master-worker/demo.js
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const colours = { 'master-1': 35, 'master-2': 35, 'worker-1': 36, 'worker-2': 32, client: 33, demo: 31 } as const;
type Role = keyof typeof colours;

const started = performance.now();
const isColoured = process.stdout.isTTY || process.env.FORCE_COLOR !== undefined;

function print(role: Role, text: string): void {
  const time = `${((performance.now() - started) / 1000).toFixed(1)} s`.padStart(6);
  const what = role === 'demo' ? paint(1, text) : text;
  console.log(`${paint(90, time)}  ${paint(colours[role], role.padEnd(8))}  ${what}`);
}

function paint(style: number, text: string): string {
  return isColoured ? `\x1b[${style}m${text}\x1b[0m` : text;
}

const processes: ChildProcess[] = [];

/** Starts a program of this example. Its output goes to this terminal, and each line starts with the role. */
function start(role: Role, program: string, ...args: string[]) {
  const child = spawn(process.execPath, [join(import.meta.dirname, program), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  processes.push(child);
  const waiting: { pattern: RegExp; found: () => void }[] = [];
  createInterface(child.stdout).on('line', (line) => {
    print(role, line);
    for (const { pattern, found } of waiting) if (pattern.test(line)) found();
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return {
    ended,
    /** Resolves at the next line that matches. */
    line: (pattern: RegExp) =>
      new Promise<void>((found, fail) => {
        waiting.push({ pattern, found });
        child.once('exit', () => fail(new Error(`${role} has ended`)));
      }),
    kill() {
      print('demo', `kills ${role}`);
      child.kill('SIGKILL');
    },
  };
}

try {
  const master = start('master-1', 'master.js', 'master-1');
  await master.line(/is the master/);
  const backup = start('master-2', 'master.js', 'master-2');
  const worker = start('worker-1', 'worker.js', 'worker-1');
  const other = start('worker-2', 'worker.js', 'worker-2');
  await Promise.all([backup.line(/stands in line/), worker.line(/ready/), other.line(/ready/)]);
  const client = start('client', 'client.js', '1001', '2310', '6006', '9797', '30030', '65535', '123456', '510510');
  await worker.line(/begins/);
  master.kill();
  await backup.line(/is the master/);
  await worker.line(/begins/);
  worker.kill();
  if ((await client.ended) === 0) print('demo', 'all results are there, although a master and a worker were killed');
  else process.exitCode = 1;
} finally {
  for (const child of processes) child.kill('SIGINT');
}
