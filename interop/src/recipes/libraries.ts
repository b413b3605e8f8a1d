import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installJars, installKazoo, interopRoot, mustRun } from '../peers/index.js';
import type { Library } from './peer.js';

/** Short, so that the session of a killed process expires soon. */
const sessionTimeoutMs = 2000;

const recipesFolder = join(interopRoot, 'recipes');

/** Returns the command that starts the program of a library; the caller appends the connect string and the timeout. */
const programs: Readonly<Record<Library, (naming: string) => Promise<string[]>>> = {
  nodekeeper: async (naming) => [
    process.execPath,
    '--enable-source-maps',
    fileURLToPath(new URL('./node-peer.js', import.meta.url)),
    naming,
  ],
  curator: async () => {
    const { folder, jars } = await installJars('curator', join(recipesFolder, 'pom.xml'));
    const classpath = [folder, ...jars].join(':');
    const silent = `-Dlogback.configurationFile=${join(interopRoot, 'peers', 'logback-silent.xml')}`;
    const source = join(recipesFolder, 'CuratorPeer.java');
    await mustRun('javac', ['-nowarn', '-cp', classpath, '-d', folder, source]);
    return ['java', '-XX:TieredStopAtLevel=1', '-Xmx200m', silent, '-cp', classpath, 'CuratorPeer'];
  },
  kazoo: async () => [await installKazoo(), join(recipesFolder, 'kazoo_peer.py')],
};

/**
 * Installs a library. Returns a function that gives the command for a new process of it.
 *
 * @param naming the library whose names of nodes nodekeeper uses
 */
export async function installLibrary(
  library: Library,
  naming: Library,
): Promise<(connectString: string) => readonly string[]> {
  const program = await programs[library](naming);
  return (connectString) => [...program, connectString, String(sessionTimeoutMs)];
}
