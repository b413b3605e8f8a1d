import type { EnsembleOptions, ServerOptions } from './options.js';
import { startEnsemble, startServer } from './start.js';
import type { TestEnsemble } from './test-ensemble.js';

type Work = () => Promise<void>;

/** The part of the context of a test that `useServer` needs. The context of node:test has it. */
export interface TestEnd {
  /** Calls `work` when the test has ended. */
  after(work: Work): void;
}

/**
 * The hooks of a test runner: `before`, `after` and `afterEach` of node:test, or `beforeAll`, `afterAll` and
 * `afterEach` of vitest, jest and others. Without `afterEach`, tests see what earlier tests have left.
 */
export type SuiteHooks = (
  | { before(work: Work): unknown; after(work: Work): unknown }
  | { beforeAll(work: Work): unknown; afterAll(work: Work): unknown }
) & { afterEach?(work: Work): unknown };

interface SetUp {
  /** Runs once, after the start. The tree that it makes is the tree with which each test begins. */
  readonly setUp?: (server: TestEnsemble) => Promise<void>;
}

/** Options of `sharedServer`. */
export interface SharedServerOptions extends ServerOptions, SetUp {}

/** Options of `sharedEnsemble`. */
export interface SharedEnsembleOptions extends EnsembleOptions, SetUp {}

/** Starts a server for one test. It ends with the test, and so do its clients. */
export async function useServer(context: TestEnd, options?: ServerOptions): Promise<TestEnsemble> {
  return endWith(context, await startServer(options));
}

/** Starts an ensemble for one test. It ends with the test, and so do its clients. */
export async function useEnsemble(context: TestEnd, size = 3, options?: EnsembleOptions): Promise<TestEnsemble> {
  return endWith(context, await startEnsemble(size, options));
}

function endWith(context: TestEnd, ensemble: TestEnsemble): TestEnsemble {
  context.after(() => ensemble.close());
  return ensemble;
}

/**
 * Starts one server for all tests of a file or of a suite. After each test, the server is reset: see
 * `TestEnsemble.reset`. The returned function gives the server to a test.
 */
export function sharedServer(hooks: SuiteHooks, options: SharedServerOptions = {}): () => TestEnsemble {
  const { setUp, ...serverOptions } = options;
  return shared('sharedServer', hooks, setUp, () => startServer(serverOptions));
}

/** Starts one ensemble for all tests of a file or of a suite; see `sharedServer`. */
export function sharedEnsemble(hooks: SuiteHooks, size = 3, options: SharedEnsembleOptions = {}): () => TestEnsemble {
  const { setUp, ...ensembleOptions } = options;
  return shared('sharedEnsemble', hooks, setUp, () => startEnsemble(size, ensembleOptions));
}

function shared(
  call: string,
  hooks: SuiteHooks,
  setUp: SetUp['setUp'],
  start: () => Promise<TestEnsemble>,
): () => TestEnsemble {
  let ensemble: TestEnsemble | undefined;
  const [before, after] = 'before' in hooks ? [hooks.before, hooks.after] : [hooks.beforeAll, hooks.afterAll];
  before(async () => {
    ensemble = await start();
    await setUp?.(ensemble);
    await ensemble.snapshot();
  });
  hooks.afterEach?.(async () => ensemble?.reset());
  after(async () => ensemble?.close());
  return () => {
    if (ensemble === undefined) throw new Error(`${call}: the server starts before the first test, not earlier`);
    return ensemble;
  };
}
