import { join } from 'node:path';
import { installApache, interopRoot } from '../peers/index.js';

/** The command that starts ZooKeeper's shell without log output. The caller appends options and a shell command. */
export async function javaShell(options: { lineReader: boolean }): Promise<[program: string, ...words: string[]]> {
  const { classpath } = await installApache();
  const jars = classpath.split(':').filter((jar) => options.lineReader || !jar.includes('/jline-'));
  const silent = `-Dlogback.configurationFile=${join(interopRoot, 'peers', 'logback-silent.xml')}`;
  // with TieredStopAtLevel=1 the JVM uses only its quick compiler, which is faster for short runs
  const machine = [
    '-Xmx256m',
    '-XX:TieredStopAtLevel=1',
    '-XX:+UseSerialGC',
    '-Dfile.encoding=UTF-8',
    '-Dstdout.encoding=UTF-8',
  ];
  const program = ['-Duser.timezone=UTC', '-cp', jars.join(':'), 'org.apache.zookeeper.ZooKeeperMain'];
  return ['java', ...machine, silent, ...program];
}
