import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { interopRoot, peersCache } from './locations.js';
import { MissingTool, mustRun, needTool } from './tools.js';

/** The folder of the Python requirements, plug-ins and programs. */
export const kazooFolder: string = join(interopRoot, 'kazoo');

/** Creates a virtual environment with the pinned Python packages. Returns the path of its python. */
export async function installKazoo(): Promise<string> {
  await needTool('python3', ['--version']);
  const requirements = join(kazooFolder, 'requirements.txt');
  const stamp = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const environment = join(peersCache, `kazoo-${stamp}`);
  const python = join(environment, 'bin', 'python');
  const complete = join(environment, 'complete');
  if (existsSync(complete)) return python;
  rmSync(environment, { recursive: true, force: true });
  try {
    await mustRun('python3', ['-m', 'venv', environment]);
  } catch (error) {
    throw new MissingTool('python3 has no venv module here (Debian: python3-venv)', { cause: error });
  }
  await mustRun(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '-r', requirements]);
  writeFileSync(complete, '');
  return python;
}
