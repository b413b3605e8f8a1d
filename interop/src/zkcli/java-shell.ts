import { join } from 'node:path';
import { installApache, interopRoot } from '../peers/index.js';

/** The command line of ZooKeeper's shell; options and a command follow. It logs nothing. */
export async function javaShell(options: { lineReader: boolean }): Promise<[program: string, ...words: string[]]> {
  const { classpath } = await installApache();
  const jars = classpath.split(':').filter((jar) => options.lineReader || !jar.includes('/jline-'));
  const silent = `-Dlogback.configurationFile=${join(interopRoot, 'peers', 'logback-silent.xml')}`;
  // for short runs the quick compiler is faster
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
