import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../../src/config/load-config.js';

/** A configuration as operators use it. Apache ZooKeeper 3.9.5 accepts each configuration in this file. */
interface FieldFile {
  readonly of: string;
  readonly lines: string;
  /**
   * The key that keeps nodekeeper from starting, although ZooKeeper starts. Ignoring the key would give clients more
   * access than the configuration allows.
   */
  readonly refusedFor?: string;
  /** Maps the path of every other file to its text. The configuration refers to these files. */
  readonly files?: Readonly<Record<string, string>>;
}

const usual = 'tickTime=2000 initLimit=10 syncLimit=5 dataDir=/var/lib/zookeeper clientPort=2181';
const purge = 'autopurge.snapRetainCount=3 autopurge.purgeInterval=24';
const three = 'server.1=zk1:2888:3888 server.2=zk2:2888:3888 server.3=zk3:2888:3888';
const servers = three.split(' ').join('\n');
const prometheus =
  'metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider metricsProvider.httpPort=7000 metricsProvider.exportJvmInfo=true';
const sasl = 'authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider';
const tls =
  'serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory ssl.keyStore.location=/k.jks ssl.keyStore.password=x ssl.trustStore.location=/t.jks ssl.trustStore.password=x';

const fieldFiles: readonly FieldFile[] = [
  { of: 'a single server', lines: usual },
  { of: 'three servers', lines: `${usual} ${purge} ${three}` },
  { of: 'Kafka', lines: 'dataDir=/tmp/zookeeper clientPort=2181 maxClientCnxns=0 admin.enableServer=false' },
  {
    of: 'Kafka with SASL',
    lines: `${usual} ${sasl} requireClientAuthScheme=sasl jaasLoginRenew=3600000`,
    refusedFor: 'authProvider.1',
  },
  {
    of: 'Kafka with TLS',
    lines: `${usual} secureClientPort=2182 authProvider.x509=org.apache.zookeeper.server.auth.X509AuthenticationProvider ${tls} ssl.clientAuth=none`,
    refusedFor: 'authProvider.x509',
  },
  { of: 'TLS beside the plain port', lines: `${usual} secureClientPort=2182 ${tls}` },
  {
    of: 'TLS alone',
    lines: `tickTime=2000 dataDir=/d secureClientPort=2182 ${tls}`,
    refusedFor: 'secureClientPort',
  },
  {
    of: 'the broker in the same file',
    lines: `${usual} broker.id=0 listeners=PLAINTEXT://:9092 num.network.threads=3 log.dirs=/tmp/logs offsets.topic.replication.factor=1 zookeeper.connect=localhost:2181 zookeeper.connection.timeout.ms=18000 delete.topic.enable=true auto.create.topics.enable=true default.replication.factor=3`,
  },
  {
    of: 'log4j in the same file',
    lines: `${usual} log4j.rootLogger=INFO,CONSOLE log4j.appender.CONSOLE=org.apache.log4j.ConsoleAppender zookeeper.root.logger=INFO zookeeper.console.threshold=INFO zookeeper.log.dir=. zookeeper.tracelog.dir=.`,
  },
  { of: 'Solr', lines: `${usual} ${three} ${purge} 4lw.commands.whitelist=mntr,conf,ruok` },
  {
    of: 'Solr, everything allowed',
    lines: `${usual} 4lw.commands.whitelist=* jute.maxbuffer=0x200000 maxClientCnxns=-1`,
  },
  {
    of: 'ClickHouse',
    lines: `tickTime=2000 initLimit=300 syncLimit=10 maxClientCnxns=2000 maxSessionTimeout=60000000 dataDir=/d dataLogDir=/l autopurge.snapRetainCount=10 autopurge.purgeInterval=1 preAllocSize=131072 snapCount=3000000 leaderServes=yes standaloneEnabled=false clientPort=2181 dynamicConfigFile=/etc/zoo.cfg.dynamic`,
    files: { '/etc/zoo.cfg.dynamic': servers },
  },
  {
    of: 'ClickHouse, headings for keys',
    lines: `${usual} maxTimeToWaitForEpoch=2000 traceFile=requests.log snapshotSizeFactor=0.5 maxConcurrentSnapSyncs=10`,
  },
  {
    of: 'Pulsar',
    lines: `${usual} admin.enableServer=true admin.serverPort=9990 forceSync=yes sslQuorum=false portUnification=false ${prometheus} autopurge.purgeInterval=1`,
  },
  { of: 'Druid', lines: 'tickTime=2000 dataDir=var/zk clientPort=2181 initLimit=5 syncLimit=2' },
  {
    of: 'NiFi',
    lines: `${usual} autopurge.purgeInterval=24 autopurge.snapRetainCount=30 server.1=localhost:2888:3888;2181`,
  },
  {
    of: 'NiFi with Kerberos',
    lines: `${usual} ${sasl} kerberos.removeHostFromPrincipal=true kerberos.removeRealmFromPrincipal=true jaasLoginRenew=3600000 requireClientAuthScheme=sasl`,
    refusedFor: 'authProvider.1',
  },
  {
    of: "Docker's official image",
    lines:
      'dataDir=/data dataLogDir=/datalog tickTime=2000 initLimit=5 syncLimit=2 autopurge.snapRetainCount=3 autopurge.purgeInterval=0 maxClientCnxns=60 standaloneEnabled=true admin.enableServer=true server.1=localhost:2888:3888;2181',
  },
  {
    of: 'Bitnami',
    lines: `${usual} maxClientCnxns=60 ${purge} maxCnxns=0 reconfigEnabled=false quorumListenOnAllIPs=false 4lw.commands.whitelist=srvr,mntr,ruok maxSessionTimeout=40000 admin.serverPort=8080 admin.enableServer=true preAllocSize=65536 snapCount=100000 server.1=zoo1:2888:3888;2181 server.2=zoo2:2888:3888;2181 server.3=zoo3:2888:3888;2181`,
  },
  {
    of: 'Bitnami with users',
    lines: `${usual} ${sasl} requireClientAuthScheme=sasl`,
    refusedFor: 'authProvider.1',
  },
  {
    of: 'an operator of Kubernetes',
    lines: `${usual.replace('clientPort=2181', '')} 4lw.commands.whitelist=cons,envi,conf,crst,srvr,stat,mntr,ruok standaloneEnabled=false reconfigEnabled=true skipACL=yes ${prometheus} globalOutstandingLimit=1000 commitLogCount=500 snapSizeLimitInKb=4194304 maxCnxns=0 minSessionTimeout=4000 quorumListenOnAllIPs=false admin.serverPort=8080 dynamicConfigFile=/data/zoo.cfg.dynamic`,
    files: { '/data/zoo.cfg.dynamic': servers.replace(/$/gm, ';2181') },
  },
  {
    of: 'Strimzi',
    lines: `tickTime=2000 initLimit=5 syncLimit=2 dataDir=/d dynamicConfigFile=/dyn standaloneEnabled=false reconfigEnabled=true secureClientPort=2181 secureClientPortAddress=0.0.0.0 clientPort=12181 sslQuorum=true ${tls}`,
    refusedFor: 'sslQuorum',
    files: { '/dyn': servers },
  },
  {
    of: 'Cloudera',
    lines: `${usual} maxClientCnxns=60 minSessionTimeout=4000 maxSessionTimeout=60000 ${purge} quorum.auth.enableSasl=false quorum.cnxn.threads.size=20 admin.enableServer=false admin.serverPort=5181 leaderServes=yes 4lw.commands.whitelist=conf,cons,crst,dirs,dump,envi,gtmk,ruok,stmk,srst,srvr,stat,wchs,mntr,isro ${three}`,
  },
  {
    of: 'MapR',
    lines: `${usual} quorum.auth.enableSasl=false quorum.auth.learnerRequireSasl=false quorum.auth.serverRequireSasl=false quorum.auth.learner.loginContext=QuorumLearner quorum.auth.server.loginContext=QuorumServer quorum.cnxn.threads.size=20 ${three}`,
  },
  {
    of: 'servers that authenticate each other',
    lines: `${usual} quorum.auth.enableSasl=true quorum.auth.learnerRequireSasl=true quorum.auth.serverRequireSasl=true ${three}`,
    refusedFor: 'quorum.auth.enableSasl',
  },
  { of: 'an audit log', lines: `${usual} audit.enable=true`, refusedFor: 'audit.enable' },
  {
    of: 'the first step to TLS between servers',
    lines: `${usual} skipACL=yes sslQuorum=false portUnification=true ${three}`,
  },
  { of: 'an access that is meant to be open', lines: `${usual} skipACL=true` },
  {
    of: 'tuned threads',
    lines: `${usual} nio.numWorkerThreads=8 commitProcessor.numWorkerThreads=4 maxResponseCacheSize=0 flushDelay=10 watchManagerName=org.apache.zookeeper.server.watch.WatchManagerOptimized jvm.pause.monitor=true`,
  },
  {
    of: 'private keys',
    lines: `${usual} com.example.rack=r7 zookeeper.jmx.log4j.disable=true environment=production`,
  },
  {
    of: 'digest named as a provider',
    lines: `${usual} authProvider.0=org.apache.zookeeper.server.auth.DigestAuthenticationProvider jaasLoginRenew=3600000`,
  },
];

for (const { of, lines, refusedFor, files = {} } of fieldFiles) {
  const text = lines.trim().split(/\s+/).join('\n');
  const result = loadConfig({
    file: { name: 'zoo.cfg', text },
    readFile: (path) => (path.endsWith('/myid') ? '1' : files[path]),
  });
  if (refusedFor === undefined) {
    test(`a server starts with a configuration from the field: ${of}`, () => {
      assert.ok(result.ok, result.ok ? '' : result.errors.join('\n'));
    });
  } else {
    test(`a server refuses a configuration from the field only for an option that would open access: ${of}`, () => {
      assert.ok(!result.ok);
      assert.ok(result.errors[0]!.includes(`: ${refusedFor}=`), result.errors[0]);
      for (const error of result.errors) assert.match(error, /cannot be ignored: /);
    });
  }
}
