export { type ApacheInstall, installApache, startApache } from './apache.js';
export type { ServerKind } from './commands.js';
export {
  digestLog,
  Ensemble,
  type EnsembleOptions,
  Member,
  type MemberOptions,
  until,
  withEnsemble,
} from './ensemble.js';
export { installKazoo, kazooFolder } from './kazoo.js';
export { interopRoot, peersCache, repositoryRoot } from './locations.js';
export { installJars } from './maven.js';
export { nodekeeperBin, nodekeeperBinOf, startNodekeeper } from './nodekeeper.js';
export { fourLetterWord, freePort, type RunningServer, type StartOptions } from './running-server.js';
export { MissingTool, mustRun, needTool, runCommand, tail } from './tools.js';
