import type { ServerConfig } from '../config/server-config.js';
import type { Logger } from '../log/logger.js';
import { openDirectories } from '../storage/open-directories.js';
import { type MemberListener, MemberServer } from './member-server.js';
import type { ServerPorts } from './server-ports.js';
import { StandaloneServer } from './standalone-server.js';

/**
 * Creates a server and reads its files. The server is a member if the configuration names an ensemble, and otherwise a
 * standalone server. The server locks its directories until it has stopped. Throws if the directories cannot be locked
 * or read.
 */
export function createServer(
  config: ServerConfig,
  ports: ServerPorts,
  logger: Logger,
  listener: MemberListener,
): StandaloneServer | MemberServer {
  const lock = openDirectories(ports.disk, config);
  try {
    const { ensemble } = config;
    return ensemble === null
      ? new StandaloneServer(config, ports, logger, lock)
      : new MemberServer(config, ensemble, ports, logger, lock, listener);
  } catch (error) {
    lock.release();
    throw error;
  }
}
