import type { ServerView } from '../server-view.js';
import { fullVersion } from '../version.js';
import { type Answer, always, word } from './word.js';

/** The value of `electionAlg`. ZooKeeper has removed all other election algorithms. */
const fastLeaderElection = 3;

interface EnsembleFields {
  readonly initLimit: number;
  readonly syncLimit: number;
  readonly electionAlg: number;
  readonly electionPort: string;
  readonly quorumPort: string;
  readonly peerType: number;
  readonly membership: string;
}

function readConfiguration(view: ServerView) {
  const { config } = view;
  return {
    clientPort: view.clientPort,
    secureClientPort: -1,
    dataDir: view.snapshotDirectory,
    dataDirSize: view.snapshotDirectorySizeBytes,
    dataLogDir: view.logDirectory,
    dataLogSize: view.logDirectorySizeBytes,
    tickTime: config.tickTimeMs,
    maxClientCnxns: config.maxClientCnxns,
    minSessionTimeout: config.minSessionTimeoutMs,
    maxSessionTimeout: config.maxSessionTimeoutMs,
    clientPortListenBacklog: config.clientPortListenBacklog,
    serverId: view.serverId,
    ...readEnsemble(view),
  };
}

function readEnsemble({ config }: ServerView): Partial<EnsembleFields> {
  const { ensemble, myId, initLimitTicks, syncLimitTicks } = config;
  const member = ensemble?.members.get(myId ?? -1);
  if (ensemble === null || member === undefined) return {};
  const ports = (kind: 'electionPort' | 'quorumPort') => member.addresses.map((address) => address[kind]).join('|');
  return {
    initLimit: initLimitTicks,
    syncLimit: syncLimitTicks,
    electionAlg: fastLeaderElection,
    electionPort: ports('electionPort'),
    quorumPort: ports('quorumPort'),
    peerType: member.role === 'observer' ? 1 : 0,
    membership: ensemble.text,
  };
}

/** Prints each field as a line `name=value`. The membership follows, with one line for each server. */
function* configurationText({ membership, ...fields }: ReturnType<typeof readConfiguration>): Answer {
  for (const [key, value] of Object.entries(fields)) yield `${key}=${value}\n`;
  if (membership !== undefined) yield `membership: \n${membership}`;
}

export const conf = word('conf', readConfiguration, configurationText);

export const dirs = word(
  'dirs',
  (view) => ({ datadirSize: view.snapshotDirectorySizeBytes, logdirSize: view.logDirectorySizeBytes }),
  ({ datadirSize, logdirSize }) => [`datadir_size: ${datadirSize}\n`, `logdir_size: ${logdirSize}\n`],
);

/** Reads the fields of `envi`. The names of the fields contain dots, both in the text and in JSON. */
function readEnvironment(view: ServerView): Readonly<Record<string, string>> {
  return { 'zookeeper.version': fullVersion, ...Object.fromEntries(view.environment()) };
}

function* environmentText(environment: Readonly<Record<string, string>>): Answer {
  yield 'Environment:\n';
  for (const [key, value] of Object.entries(environment)) yield `${key}=${value}\n`;
}

export const envi = word('envi', readEnvironment, environmentText, always);
