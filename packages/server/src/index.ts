/** The API for programs that run a whole server in their own process, without the command line. */
export { defaultConfig, type ServerConfig } from './config/server-config.js';
export { type Logger, silentLogger } from './log/logger.js';
export { type RunningServer, type StartOptions, startServer } from './node.js';
export type { RequestStage } from './ports/node/trace-channel.js';
export type { TraceFilter } from './trace/trace-log.js';
