import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { knownDifferences } from '../differential/known-differences.js';
import { type DifferentialResult, runDifferential } from '../differential/run.js';
import { installApache, startApache } from '../peers/index.js';
import type { Request } from '../raw/operations.js';
import { type Context, type Suite, startServer, withServers } from '../suite.js';

/**
 * With this configuration and `quietProperties`, the server reaps no node and expires no session during a run. If it
 * did, these transactions would change the zxids.
 */
export const quietConfig: Record<string, string> = {
  extendedTypesEnabled: 'true',
  maxSessionTimeout: '10000000',
  enforceQuota: 'true',
  // the part after `super:` is base64(SHA-1("super:test"))
  'DigestAuthenticationProvider.superDigest': 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=',
};

export const quietProperties: Record<string, string> = { 'znode.container.checkIntervalMs': '86400000' };

export const differential: Suite = {
  name: 'differential',
  shows:
    'a seeded random stream of requests gets the same replies, Stats and watch events from ZooKeeper and nodekeeper',
  async run(context) {
    await installApache();
    const seed = Number(context.options.get('seed') ?? Math.floor(Math.random() * 1e9));
    const requests = Number(context.options.get('requests') ?? 30_000);
    context.say(`differential: seed ${seed}, ${requests} requests`);
    if (withKnown(context)) for (const row of knownDifferences) context.say(`  left out: ${row.difference}`);
    const { sent, outcomes } = await compareAgainIfInDoubt(context, seed, requests);
    const kinds = [...outcomes].toSorted(([, a], [, b]) => b - a).map(([kind, number]) => `${kind}: ${number}`);
    context.say(`  seen: ${kinds.join(', ')}`);
    return `${sent} requests, no difference (seed ${seed})`;
  },
};

/**
 * ZooKeeper predicts the tree's digest when it prepares a transaction. It logs this line if the applied transaction
 * leads to another digest. The cause is a rare race in ZooKeeper.
 */
const apacheInDoubt = /Digests are not matching/;

/** Compares the servers. If they differ, and ZooKeeper's log has a digest mismatch, runs the same seed again. */
async function compareAgainIfInDoubt(context: Context, seed: number, requests: number): Promise<DifferentialResult> {
  try {
    return await compare(context, seed, requests);
  } catch (error) {
    const log = join(context.workDirectory, 'a', 'server.log');
    if (!existsSync(log) || !apacheInDoubt.test(readFileSync(log, 'utf8'))) throw error;
    context.say(
      '  ZooKeeper contradicts itself in this run ("Digests are not matching" in its log): running it once more',
    );
    for (const side of ['a', 'b']) rmSync(join(context.workDirectory, side), { recursive: true, force: true });
    return await compare(context, seed, requests);
  }
}

function compare(context: Context, seed: number, requests: number): Promise<DifferentialResult> {
  const replayOptions = ['subject', 'without', 'known']
    .filter((name) => context.options.has(name))
    .map((name) => ` --${name} ${context.options.get(name)}`)
    .join('');
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
        without: leftOut(context),
        replayOptions,
        portA: a!.port,
        portB: b!.port,
        nameA: 'Apache',
        nameB: context.subject,
      }),
  );
}

/**
 * True if the run must not send requests with known differences. If both servers are ZooKeeper, there are no
 * differences.
 */
function withKnown(context: Context): boolean {
  return context.subject === 'nodekeeper' && context.options.get('known') !== 'include';
}

/**
 * Returns true for the requests that are not sent. These are the operations of `--without`, and the known differences
 * unless `--known include` is given.
 */
function leftOut(context: Context): (request: Request) => boolean {
  const names = (context.options.get('without') ?? '').split(',');
  const rows = withKnown(context) ? knownDifferences : [];
  return (request) => names.includes(request.operation) || rows.some((row) => row.matches(request));
}
