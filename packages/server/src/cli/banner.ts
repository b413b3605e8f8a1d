import { resolve } from 'node:path';
import { fullVersion } from '../admin/version.js';
import type { ServerConfig } from '../config/server-config.js';
import type { Logger } from '../log/logger.js';

/** Logs one line when a server has started: version, addresses and configuration file. */
export function logBanner(config: ServerConfig, port: number, file: string | undefined, logger: Logger): void {
  const version = `nodekeeper ${fullVersion.split(',')[0]}`;
  const { ensemble, myId } = config;
  const fields = {
    port,
    clients: `${config.clientPortAddress ?? '*'}:${port}`,
    ...(ensemble !== null && { peers: peerPorts(config) }),
    file: file === undefined ? 'none' : resolve(file),
    data: resolve(config.dataDir),
    startMs: Math.round(performance.now()),
  };
  if (ensemble === null) logger.info(`${version} serves`, { ...fields, mode: 'standalone' });
  else logger.info(`${version} is up`, { ...fields, mode: `server ${myId} of ${ensemble.members.size}` });
}

/**
 * Returns this server's `host:quorumPort:electionPort`, as in its `server.N` line. The host is `*` if the ports listen
 * on all addresses.
 */
function peerPorts({ ensemble, myId, quorumListenOnAllIps }: ServerConfig): string {
  const { addresses } = ensemble!.members.get(myId!)!;
  return addresses
    .map(({ host, quorumPort, electionPort }) => `${quorumListenOnAllIps ? '*' : host}:${quorumPort}:${electionPort}`)
    .join('|');
}
