import type { ClientOptions } from '@nodekeeper/client';
import type { Logger, ServerConfig } from '@nodekeeper/server';

/** The settings that the kit chooses itself. */
type OwnSetting =
  | 'dataDir'
  | 'dataLogDir'
  | 'clientPort'
  | 'clientPortAddress'
  | 'ensemble'
  | 'lastSeenEnsemble'
  | 'myId'
  | 'dynamicConfigFile'
  | 'digestAuthSuperDigest';

/** Settings of the servers of a test, as in `zoo.cfg`, without those that the kit chooses itself. */
export type TestServerConfig = Partial<Omit<ServerConfig, OwnSetting>>;

/** Options of `startServer`. */
export interface ServerOptions {
  /**
   * `ports`, the default: the servers listen on free TCP ports of 127.0.0.1, and the time is real. `memory`: clients
   * connect in memory, and the time moves only when the test moves it.
   */
  readonly transport?: 'ports' | 'memory';
  /**
   * Where the servers keep their files: in memory, the default, or in a temporary directory that is deleted at the end.
   * A directory needs the transport `ports`.
   */
  readonly disk?: 'memory' | 'directory';
  /** The TCP port of the first server. Default: a free port. Needs the transport `ports`. */
  readonly port?: number;
  /**
   * Settings that differ from those of the kit. The kit has short timeouts: a tick of 100 ms, and sessions from 200 ms
   * to 10 minutes.
   */
  readonly config?: TestServerConfig;
  /** The seed of all random numbers, with the transport `memory`. The same seed gives the same run. Default 1. */
  readonly seed?: number;
  /** Receives the log lines of the servers. Default: no log. */
  readonly logger?: Logger;
}

/** Options of `startEnsemble`. */
export interface EnsembleOptions extends ServerOptions {
  /** The number of observers, in addition to the servers that vote. Default 0. */
  readonly observers?: number;
}

/** Options of a client that the kit connects. The kit chooses its network, so there is no TLS. */
export interface TestClientOptions extends Omit<ClientOptions, 'ports' | 'tls'> {
  /** The id of the only server that the client uses. Default: all servers. */
  readonly server?: number;
  /** A path that exists, such as `/app`. The client adds it to every path. */
  readonly chroot?: string;
}

const transports = ['ports', 'memory'];
const disks = ['memory', 'directory'];
const own: Record<OwnSetting, true> = {
  dataDir: true,
  dataLogDir: true,
  clientPort: true,
  clientPortAddress: true,
  ensemble: true,
  lastSeenEnsemble: true,
  myId: true,
  dynamicConfigFile: true,
  digestAuthSuperDigest: true,
};

/** Throws if options contradict each other, or if an option is unknown. */
export function checkOptions(call: string, size: number, options: EnsembleOptions): void {
  const fail = (what: string) => {
    throw new Error(`${call}: ${what}`);
  };
  const { transport = 'ports', disk = 'memory', port, seed, observers = 0, config = {}, logger, ...unknown } = options;
  for (const name of Object.keys(unknown)) fail(`there is no option ${name}`);
  const isSize = Number.isInteger(size) && size >= 2 && size <= 15;
  if (call === 'startEnsemble' && !isSize) fail(`the size must be 2 to 15, not ${size}. startServer starts one server`);
  if (!Number.isInteger(observers) || observers < 0) fail(`options.observers must be a number, not ${observers}`);
  if (!transports.includes(transport)) fail(`options.transport must be 'ports' or 'memory', not ${transport}`);
  if (!disks.includes(disk)) fail(`options.disk must be 'memory' or 'directory', not ${disk}`);
  if (transport === 'memory' && disk === 'directory') fail(`disk 'directory' needs transport 'ports'`);
  if (transport === 'memory' && port !== undefined) fail(`options.port needs transport 'ports'`);
  if (transport === 'ports' && seed !== undefined) fail(`options.seed needs transport 'memory'`);
  for (const name of Object.keys(config)) {
    if (name in own) fail(`options.config.${name} cannot be set: the kit chooses it`);
  }
}
