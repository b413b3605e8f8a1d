import { join } from 'node:path';
import { behaviour } from '../client-behaviour/index.js';
import { type BehaviourServer, chroot, runScenario, systemProperties, zooCfg } from '../client-behaviour/runner.js';
import { installApache } from '../peers/index.js';
import { type Context, type ServerKind, type Suite, startServer } from '../suite.js';

export const client: Suite = {
  name: 'client',
  shows: '@nodekeeper/client does the same, scenario by scenario, with ZooKeeper and with nodekeeper',
  async run(context) {
    await installApache();
    const kinds = new Set<ServerKind>(['apache', context.subject]);
    const runs = await Promise.all([...kinds].map((kind) => runAll(context, kind)));
    const failures = runs.flatMap((run) => run.failures);
    if (failures.length > 0) throw new Error(failures.join('\n\n'));
    return `${runs[0]?.count} scenarios, with and without a chroot, on ${[...kinds].join(' and ')}`;
  },
};

const failuresMax = 10;

/** Runs all scenarios on one kind of server. The servers share nothing, so the runs on the two kinds are concurrent. */
async function runAll(context: Context, kind: ServerKind): Promise<{ count: number; failures: string[] }> {
  const directory = join(context.workDirectory, kind);
  const options = { directory, config: { ...zooCfg }, systemProperties: { ...systemProperties } };
  let running = await startServer(kind, options);
  const server: BehaviourServer = {
    port: running.port,
    async restart(whileDown) {
      await running.stop();
      await whileDown();
      running = await startServer(kind, { ...options, port: running.port });
    },
  };
  const only = context.options.get('only') ?? '';
  const failures: string[] = [];
  let count = 0;
  try {
    for (const [topic, scenarios] of Object.entries(behaviour)) {
      for (const scenario of scenarios) {
        // After many failures, skip the other scenarios. If the server has ended, each of them would fail only after a
        // long wait.
        if (failures.length >= failuresMax || !`${topic}: ${scenario.name}`.includes(only)) continue;
        count++;
        for (const root of scenario.inChroot === false ? ([''] as const) : (['', chroot] as const)) {
          const where = root === '' ? '' : ' (in a chroot)';
          await runScenario(server, scenario, root).catch((error: unknown) => {
            const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
            failures.push(`${kind}, ${topic}: ${scenario.name}${where}\n${reason}`);
            context.say(`  ${kind}: FAILED ${topic}: ${scenario.name}${where}`);
          });
        }
      }
    }
  } finally {
    await running.stop();
  }
  return { count, failures };
}
