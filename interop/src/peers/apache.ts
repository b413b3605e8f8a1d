import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { interopRoot, peersCache } from './locations.js';
import { launchServer, type RunningServer, type StartOptions } from './running-server.js';
import { mustRun, needTool } from './tools.js';

export interface ApacheInstall {
  version: string;
  /** The value for `java -cp`: the folder of logback.xml, and the jars that interop/peers/pom.xml lists. */
  classpath: string;
}

const apacheVersion = '3.9.5';
const dependencyPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';
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
  await needTool('java', ['-version']);
  const pom = join(interopRoot, 'peers', 'pom.xml');
  const stamp = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const folder = join(peersCache, `apache-${apacheVersion}-${stamp}`);
  if (!existsSync(folder)) await download(pom, folder);
  const jars = readdirSync(folder).filter((name) => name.endsWith('.jar'));
  const classpath = [join(interopRoot, 'peers'), ...jars.map((name) => join(folder, name))].join(':');
  return { version: apacheVersion, classpath };
}

async function download(pom: string, folder: string): Promise<void> {
  await needTool('mvn', ['-version']);
  const work = join(peersCache, `download-${process.pid}`);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  // Maven writes target/ into the folder of pom.xml, so it works with a copy of pom.xml in another folder
  writeFileSync(join(work, 'pom.xml'), readFileSync(pom));
  const output = join(work, 'jars');
  const args = ['-B', '-q', '-f', join(work, 'pom.xml'), dependencyPlugin];
  await mustRun('mvn', [...args, '-DincludeScope=runtime', `-DoutputDirectory=${output}`], { timeoutMs: 300_000 });
  if (!existsSync(folder)) renameSync(output, folder);
  rmSync(work, { recursive: true, force: true });
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
