import os from 'node:os';
import { dirname } from 'node:path';
import { getHeapStatistics } from 'node:v8';

const mebibyte = 1024 * 1024;
const none = '<NA>';

/**
 * The lines of the answer to the four-letter word `envi`, except the first line, which gives the version. The keys are
 * ZooKeeper's, and each value is the closest one that a Node.js process has.
 */
export function processEnvironment(): [key: string, value: string][] {
  const user = os.userInfo();
  const memory = process.memoryUsage();
  const megabytes = (bytes: number) => `${Math.floor(bytes / mebibyte)}MB`;
  return [
    ['host.name', os.hostname()],
    ['java.version', `Node.js ${process.versions.node}`],
    ['java.vendor', 'Node.js'],
    ['java.home', dirname(process.execPath)],
    ['java.class.path', process.argv[1] ?? none],
    ['java.library.path', none],
    ['java.io.tmpdir', os.tmpdir()],
    ['java.compiler', none],
    ['os.name', os.type()],
    // `amd64` is Java's name for the most common architecture.
    ['os.arch', os.arch() === 'x64' ? 'amd64' : os.arch()],
    ['os.version', os.release()],
    ['user.name', user.username],
    ['user.home', user.homedir],
    ['user.dir', process.cwd()],
    ['os.memory.free', megabytes(memory.heapTotal - memory.heapUsed)],
    ['os.memory.max', megabytes(getHeapStatistics().heap_size_limit)],
    ['os.memory.total', megabytes(memory.heapTotal)],
  ];
}
