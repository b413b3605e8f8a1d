/** The ensembles in the comparison. Each server has its own directory on a real disk. */
import { Ensemble, type Member } from '@nodekeeper/interop/peers';
import type { Options } from '../options.js';
import { baselineBin, makeDataDirectory, removeDataDirectory, type ServerKind } from '../servers.js';

/** The JVM options that ZooKeeper's start script gives each server. */
const javaOptions = ['-Xmx1000m', '-Dfile.encoding=UTF-8'];
const tickTimeMs = 2000;

export interface RunningEnsemble {
  readonly kind: Exclude<ServerKind, 'floor'>;
  readonly ensemble: Ensemble;
  readonly members: readonly Member[];
  end(): Promise<void>;
}

/** Creates an ensemble without starting it. */
export async function createEnsemble(kind: ServerKind, options: Options): Promise<RunningEnsemble> {
  if (kind === 'floor') throw new Error('The floor is one server; compare ensembles of nodekeeper and apache.');
  const directory = makeDataDirectory();
  const config = { tickTime: String(tickTimeMs), initLimit: '10', syncLimit: '5', ...options.config };
  const isBaseline = kind === 'baseline';
  const members = new Array(options.ensemble).fill(isBaseline ? 'nodekeeper' : kind);
  const bin = isBaseline ? { nodekeeperBin: baselineBin(options.baseline) } : {};
  const ensemble = await Ensemble.create({ directory, members, config, javaOptions, ...bin });
  return {
    kind,
    ensemble,
    members: ensemble.members,
    async end() {
      await ensemble.destroy();
      removeDataDirectory(directory);
    },
  };
}

export async function startEnsemble(kind: ServerKind, options: Options): Promise<RunningEnsemble> {
  const running = await createEnsemble(kind, options);
  try {
    await running.ensemble.start();
    return running;
  } catch (error) {
    await running.end();
    throw error;
  }
}
