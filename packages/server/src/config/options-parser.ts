import {
  ensemble,
  flag,
  inapplicable,
  inEnsemble,
  integer,
  integerForm,
  later,
  notYet,
  opens,
  text,
} from './option-kinds.js';
import type { Opening, OptionRow } from './option-row.js';

const parser = { origin: 'parser' } as const;

const quorumTls: Opening = {
  effect: 'there is no TLS between servers yet, so they would communicate unencrypted',
  advice: 'remove it if the network between the servers is trusted',
  only: 'ensemble',
};
const quorumSasl: Opening = {
  effect: 'there is no SASL between servers yet, so every server would be admitted',
  advice: 'remove it if the network between the servers is trusted',
  only: 'ensemble',
};

/** The keys that ZooKeeper's own parser of zoo.cfg knows, in the order of the parser. */
export const parserOptions: readonly OptionRow[] = [
  text('dataDir', 'dataDir', 'Directory of snapshots, and of transaction logs unless dataLogDir is set.', parser),
  {
    ...text('dataLogDir', 'dataLogDir', 'Directory of transaction logs; dataDir unless set.', parser),
    defaultText: '',
  },
  integer('clientPort', 'clientPort', 'TCP port for clients; 0 picks a free one.', { ...parser, min: 0, max: 65_535 }),
  text('clientPortAddress', 'clientPortAddress', 'Address to listen on; all addresses unless set.', parser),
  integerForm(
    opens(
      'secureClientPort',
      '',
      'TLS port for clients.',
      {
        effect: 'there is no TLS port yet, and the server opens no plain port instead unless clientPort is set',
        advice: 'set clientPort to serve unencrypted',
        unlessSet: 'clientPort',
      },
      parser,
    ),
  ),
  later('nothing', 'secureClientPortAddress', '', 'Address of the TLS port.', parser),
  later('less', 'observerMasterPort', '0', 'Port for observers that follow a follower; 0 is off.', parser),
  integer('clientPortListenBacklog', 'clientPortListenBacklog', 'Listen backlog; -1 is 50, as in Java.', {
    ...parser,
    min: -1,
  }),
  integer('tickTime', 'tickTimeMs', 'The base unit of time, in ms.', { ...parser, min: 1 }),
  integer('maxClientCnxns', 'maxClientCnxns', 'Connections per client address; 0 is no limit.', {
    ...parser,
    raiseTo: 0,
  }),
  {
    ...integer('minSessionTimeout', 'minSessionTimeoutMs', 'Minimum session timeout in ms; -1 is 2 ticks.', {
      ...parser,
      min: -1,
    }),
    defaultText: '-1',
  },
  {
    ...integer('maxSessionTimeout', 'maxSessionTimeoutMs', 'Maximum session timeout in ms; -1 is 20 ticks.', {
      ...parser,
      min: -1,
    }),
    defaultText: '-1',
  },
  inEnsemble(
    integer(
      'initLimit',
      'initLimitTicks',
      'Maximum ticks for a server to connect to the leader and synchronise; every ensemble must set it.',
      { ...parser, min: 0 },
    ),
  ),
  inEnsemble(
    integer('syncLimit', 'syncLimitTicks', 'Maximum ticks for a follower to be silent; every ensemble must set it.', {
      ...parser,
      min: 0,
    }),
  ),
  inEnsemble(
    integer(
      'connectToLearnerMasterLimit',
      'connectToLearnerMasterLimitTicks',
      'Maximum ticks to connect to the leader; 0 is initLimit.',
      { ...parser, min: 0 },
    ),
  ),
  {
    ...ensemble('electionAlg', '3', 'Election algorithm; only 3 exists.', parser),
    parse: (written) => (written === '3' ? { value: 3 } : { error: 'is not 3, the only election algorithm' }),
  },
  inEnsemble(
    flag('quorumListenOnAllIPs', 'quorumListenOnAllIps', 'Quorum and election ports listen on all addresses.', parser),
  ),
  {
    ...ensemble('peerType', 'participant', 'participant or observer.', parser),
    form: 'participant \\| observer',
    parse: (written) =>
      /^(participant|observer)$/i.test(written)
        ? { value: written.toLowerCase() }
        : { error: 'is neither participant nor observer' },
  },
  notYet('nothing', flag('syncEnabled', 'syncEnabled', 'Observers log to disk.', parser)),
  integer('autopurge.snapRetainCount', 'autopurgeSnapRetainCount', 'Snapshots that purging keeps, 3 or more.', {
    ...parser,
    raiseTo: 3,
  }),
  integer(
    'autopurge.purgeInterval',
    'autopurgePurgeIntervalHours',
    'Hours between purges, which also follow each snapshot; 0 disables purging. In ZooKeeper it is disabled unless set.',
    { ...parser, raiseTo: 0 },
  ),
  inEnsemble(
    flag(
      'standaloneEnabled',
      'standaloneEnabled',
      'false runs a single server line as an ensemble of one that can grow.',
      parser,
    ),
  ),
  notYet(
    'less',
    flag(
      'reconfigEnabled',
      'reconfigEnabled',
      'Allow changes of the membership at run time, and adopt those of other servers.',
      parser,
    ),
  ),
  notYet('less', flag('localSessionsEnabled', 'localSessionsEnabled', 'Sessions start local to the server.', parser)),
  notYet(
    'nothing',
    flag(
      'localSessionsUpgradingEnabled',
      'localSessionsUpgradingEnabled',
      'A local session becomes global when it creates an ephemeral node.',
      parser,
    ),
  ),
  opens('sslQuorum', 'false', 'TLS between servers.', quorumTls, parser),
  later('less', 'portUnification', 'false', 'Quorum ports accept TLS and plain connections.', parser),
  later(
    'nothing',
    'sslQuorumReloadCertFiles',
    'false',
    'Reload the key stores for TLS between servers when they change.',
    parser,
  ),
  opens('quorum.auth.enableSasl', 'false', 'SASL between servers.', quorumSasl, parser),
  opens('quorum.auth.learnerRequireSasl', 'false', 'A learner must authenticate itself.', quorumSasl, parser),
  opens(
    'quorum.auth.serverRequireSasl',
    'false',
    'A server refuses learners that do not authenticate.',
    quorumSasl,
    parser,
  ),
  later('nothing', 'quorum.auth.learner.saslLoginContext', 'QuorumLearner', 'JAAS section of the learner.', parser),
  later('nothing', 'quorum.auth.server.saslLoginContext', 'QuorumServer', 'JAAS section of the server.', parser),
  later(
    'nothing',
    'quorum.auth.kerberos.servicePrincipal',
    'zkquorum/localhost',
    'Kerberos principal of the servers.',
    parser,
  ),
  inapplicable('quorum.cnxn.threads.size', '20', 'Threads of election connections.', parser),
  inapplicable('jvm.pause.monitor', 'false', 'Detector of JVM pauses.', parser),
  inapplicable('jvm.pause.info-threshold.ms', '1000', 'Shortest pause that is logged.', parser),
  inapplicable('jvm.pause.warn-threshold.ms', '10000', 'Shortest pause that causes a warning.', parser),
  inapplicable('jvm.pause.sleep.time.ms', '500', 'Sleep time of the detector.', parser),
  later(
    'less',
    'metricsProvider.className',
    'org.apache.zookeeper.metrics.impl.DefaultMetricsProvider',
    'Class that exports metrics; the default serves `mntr`.',
    parser,
  ),
  later(
    'nothing',
    'metricsProvider.*',
    '',
    'Options of the metrics provider (httpHost, httpPort, exportJvmInfo, ...).',
    parser,
  ),
  inEnsemble(
    flag(
      'multiAddress.enabled',
      'multiAddressEnabled',
      'A server line may have several addresses. ZooKeeper 3.9.5 ignores it in zoo.cfg and needs -D.',
    ),
  ),
  notYet(
    'nothing',
    integer(
      'multiAddress.reachabilityCheckTimeoutMs',
      'multiAddressReachabilityCheckTimeoutMs',
      'Timeout for probing an address, in ms.',
      { min: 1 },
    ),
  ),
  notYet(
    'nothing',
    flag('multiAddress.reachabilityCheckEnabled', 'multiAddressReachabilityCheckEnabled', 'Probe the addresses.'),
    { actual: ['false'] },
  ),
  later('less', 'oraclePath', '', 'File that breaks a tie between two servers.', parser),
  ensemble(
    'version',
    '',
    'Version of the server lines in zoo.cfg, in hexadecimal. A dynamic file has it in its name.',
    parser,
  ),
];
