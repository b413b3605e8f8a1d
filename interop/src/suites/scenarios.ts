import { join } from 'node:path';
import { installApache } from '../peers/index.js';
import { difference } from '../raw/tree-dump.js';
import { Script } from '../scenarios/script.js';
import { brokenHandshakes, expiry, largeFrames, moving, negotiation, reaping } from '../scenarios/sessions.js';
import { fourLetterWords } from '../scenarios/words.js';
import { type ServerKind, type Suite, startServer, withServers } from '../suite.js';

const scenarios: Record<string, (script: Script) => Promise<void>> = {
  fourLetterWords,
  negotiation,
  expiry,
  moving,
  reaping,
  largeFrames,
  brokenHandshakes,
};

const config: Record<string, string> = {
  tickTime: '200',
  maxSessionTimeout: '60000',
  extendedTypesEnabled: 'true',
};
const systemProperties = { 'znode.container.checkIntervalMs': '500' };

export const scenarioSuite: Suite = {
  name: 'scenarios',
  shows: 'sessions that expire and move, reaping, limits and four-letter words: the same from ZooKeeper and nodekeeper',
  async run(context) {
    await installApache();
    const failures: string[] = [];
    for (const [name, play] of Object.entries(scenarios)) {
      const failure = await compare(context.subject, join(context.workDirectory, name), play);
      context.say(`  ${name}: ${failure === null ? 'same' : 'DIFFERENT'}`);
      if (failure !== null) failures.push(`${name}: ${failure}`);
    }
    if (failures.length > 0) throw new Error(failures.join('\n'));
    return `${Object.keys(scenarios).length} scenarios`;
  },
};

/**
 * Runs a scenario on two new servers. Both start with the same zxid, so the zxids in their replies can be compared.
 * Returns the difference, or null.
 */
async function compare(
  subject: ServerKind,
  directory: string,
  play: (script: Script) => Promise<void>,
): Promise<string | null> {
  const start = (kind: ServerKind, name: string) => () =>
    startServer(kind, { directory: join(directory, name), config, systemProperties });
  try {
    return await withServers([start('apache', 'a'), start(subject, 'b')], async (servers) => {
      const [a, b] = await Promise.all(servers.map((server) => transcript(server.port, play)));
      const found = difference(a!, b!);
      if (found !== null) throw new Error(`(- Apache, + ${subject}) ${found}`);
      return null;
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function transcript(port: number, play: (script: Script) => Promise<void>): Promise<string[]> {
  const script = new Script(port);
  try {
    await play(script);
  } catch (error) {
    script.note(`stopped: ${error instanceof Error ? error.message : error}`);
  } finally {
    script.closeAll();
  }
  return script.transcript;
}
