import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { peersCache } from './locations.js';
import { mustRun, needTool } from './tools.js';

const dependencyPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';

/**
 * Installs the jars that a pom.xml lists into the cache, unless the cache has the jars of this version of the file.
 * Returns their paths. Throws MissingTool if java or mvn is missing.
 *
 * @param name the start of the name of the folder in the cache
 */
export async function installJars(name: string, pom: string): Promise<{ folder: string; jars: string[] }> {
  await needTool('java', ['-version']);
  const stamp = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const folder = join(peersCache, `${name}-${stamp}`);
  if (!existsSync(folder)) await download(pom, folder);
  const jars = readdirSync(folder).filter((file) => file.endsWith('.jar'));
  return { folder, jars: jars.map((file) => join(folder, file)) };
}

async function download(pom: string, folder: string): Promise<void> {
  await needTool('mvn', ['-version']);
  const work = join(peersCache, `download-${process.pid}`);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  // Maven writes target/ into the folder of pom.xml, so it works with a copy of pom.xml in another folder
  writeFileSync(join(work, 'pom.xml'), readFileSync(pom));
  const output = join(work, 'jars');
  const args = ['-B', '-q', '-f', join(work, 'pom.xml'), dependencyPlugin];
  await mustRun('mvn', [...args, '-DincludeScope=runtime', `-DoutputDirectory=${output}`], { timeoutMs: 300_000 });
  if (!existsSync(folder)) renameSync(output, folder);
  rmSync(work, { recursive: true, force: true });
}
