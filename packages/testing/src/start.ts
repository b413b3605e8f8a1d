import { checkOptions, type EnsembleOptions, type ServerOptions } from './options.js';
import { TestEnsemble } from './test-ensemble.js';

/**
 * Starts a standalone server in this process. Resolves when it serves clients. The result has the methods of an
 * ensemble of one server.
 */
export async function startServer(options: ServerOptions = {}): Promise<TestEnsemble> {
  return start('startServer', 1, options);
}

/**
 * Starts an ensemble in this process. Resolves when one server leads and all servers serve clients.
 *
 * @param size the number of servers that vote, 2 to 15
 */
export async function startEnsemble(size = 3, options: EnsembleOptions = {}): Promise<TestEnsemble> {
  return start('startEnsemble', size, options);
}

async function start(call: string, size: number, options: EnsembleOptions): Promise<TestEnsemble> {
  checkOptions(call, size, options);
  const ensemble = new TestEnsemble(size, options);
  await ensemble.start();
  return ensemble;
}
