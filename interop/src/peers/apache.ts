import { join } from 'node:path';
import { interopRoot } from './locations.js';
import { installJars } from './maven.js';
import { launchServer, type RunningServer, type StartOptions } from './running-server.js';

export interface ApacheInstall {
  version: string;
  /** The value for `java -cp`: the folder of logback.xml, and the jars that interop/peers/pom.xml lists. */
  classpath: string;
}

const apacheVersion = '3.9.5';
/** The JVM options that zkServer.sh uses by default (ZK_SERVER_HEAP=1000), and UTF-8 as the encoding. */
const deploymentJavaOptions = ['-Xmx1000m', '-XX:+HeapDumpOnOutOfMemoryError', '-Dfile.encoding=UTF-8'];

let installing: Promise<ApacheInstall> | undefined;

/**
 * Installs ZooKeeper's jars into the cache, unless the cache has the jars of this version of pom.xml. Throws
 * MissingTool if java or mvn is missing.
 */
export function installApache(): Promise<ApacheInstall> {
  installing ??= install();
  return installing;
}

async function install(): Promise<ApacheInstall> {
  const { jars } = await installJars(`apache-${apacheVersion}`, join(interopRoot, 'peers', 'pom.xml'));
  return { version: apacheVersion, classpath: [join(interopRoot, 'peers'), ...jars].join(':') };
}

/** The command that starts a ZooKeeper server. The caller appends the path of zoo.cfg. */
export async function apacheCommand(javaOptions: string[] = deploymentJavaOptions): Promise<string[]> {
  const { classpath } = await installApache();
  return ['java', ...javaOptions, '-cp', classpath, 'org.apache.zookeeper.server.quorum.QuorumPeerMain'];
}

/**
 * Starts a standalone Apache ZooKeeper 3.9.5 with the options of a normal deployment. Installs ZooKeeper first if
 * necessary.
 */
export async function startApache(options: StartOptions): Promise<RunningServer> {
  const properties = Object.entries(options.systemProperties ?? {}).map(([name, value]) => `-D${name}=${value}`);
  const command = await apacheCommand([...(options.javaOptions ?? deploymentJavaOptions), ...properties]);
  return launchServer(`Apache ZooKeeper ${apacheVersion}`, command, options);
}
