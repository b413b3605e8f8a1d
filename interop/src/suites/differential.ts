import { join } from 'node:path';
import { type DifferentialResult, runDifferential } from '../differential/run.js';
import { installApache, startApache } from '../peers/index.js';
import { type Context, type Suite, startServer, withServers } from '../suite.js';

/** Nothing may happen on its own during a run, or the zxids part ways: no reaping, no session that expires. */
export const quietConfig: Record<string, string> = {
  extendedTypesEnabled: 'true',
  maxSessionTimeout: '10000000',
  enforceQuota: 'true',
  // base64(SHA-1("super:test"))
  'DigestAuthenticationProvider.superDigest': 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=',
};

export const quietProperties: Record<string, string> = { 'znode.container.checkIntervalMs': '86400000' };

export const differential: Suite = {
  name: 'differential',
  shows: 'a seeded random stream of requests gets the same replies, Stats and watch events from Apache and from us',
  async run(context) {
    await installApache();
    const seed = Number(context.options.get('seed') ?? Math.floor(Math.random() * 1e9));
    const requests = Number(context.options.get('requests') ?? 30_000);
    context.say(`differential: seed ${seed}, ${requests} requests`);
    const { sent, outcomes } = await compare(context, seed, requests);
    const kinds = [...outcomes].toSorted(([, a], [, b]) => b - a).map(([kind, number]) => `${kind}: ${number}`);
    context.say(`  seen: ${kinds.join(', ')}`);
    return `${sent} requests, no difference (seed ${seed})`;
  },
};

function compare(context: Context, seed: number, requests: number): Promise<DifferentialResult> {
  const settings = { config: quietConfig, systemProperties: quietProperties };
  return withServers(
    [
      () => startApache({ directory: join(context.workDirectory, 'a'), ...settings }),
      () => startServer(context.subject, { directory: join(context.workDirectory, 'b'), ...settings }),
    ],
    ([a, b]) =>
      runDifferential({
        seed,
        requests,
        without: (context.options.get('without') ?? '').split(',').filter((name) => name !== ''),
        portA: a!.port,
        portB: b!.port,
        nameA: 'Apache',
        nameB: context.subject,
      }),
  );
}
