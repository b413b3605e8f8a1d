/** ZooKeeper servers in the process of a test. Everything that is not exported here may change. */
export type { TestClock } from './clock.js';
export {
  type SharedEnsembleOptions,
  type SharedServerOptions,
  type SuiteHooks,
  sharedEnsemble,
  sharedServer,
  type TestEnd,
  useEnsemble,
  useServer,
} from './fixtures.js';
export type { EnsembleOptions, ServerOptions, TestClientOptions, TestServerConfig } from './options.js';
export { startEnsemble, startServer } from './start.js';
export type { Machine, ServerRef, TestEnsemble } from './test-ensemble.js';
export type { TestServer } from './test-server.js';
