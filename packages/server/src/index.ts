/** What other packages start in their own process: a whole server, without the command line. */
export { defaultConfig, type ServerConfig } from './config/server-config.js';
export { type Logger, silentLogger } from './log/logger.js';
export { type RunningServer, startServer } from './node.js';
