import { join } from 'node:path';
import { digestsStartAfter, filesIn } from '../directories/files.js';
import { padPath, padTo128, superAuth, type Written, writeWorkload } from '../directories/workload.js';
import { digestLog, fourLetterWord, installApache, type RunningServer } from '../peers/index.js';
import { RawConnection } from '../raw/connection.js';
import { difference, dumpTree } from '../raw/tree-dump.js';
import { type ServerKind, type Suite, startServer, withServers } from '../suite.js';
import { quietConfig, quietProperties } from './differential.js';

interface Case {
  writer: ServerKind;
  reader: ServerKind;
  compression: string;
  rounds: number;
  /** How the test ends the server that writes the directory. */
  end: 'kill' | 'stop';
}

/** The pairs of servers that write and read a directory. `subject` is the kind of server under test. */
function cases(subject: ServerKind): Case[] {
  return [
    { writer: subject, reader: 'apache', compression: '', rounds: 30, end: 'kill' },
    { writer: 'apache', reader: subject, compression: '', rounds: 30, end: 'kill' },
    { writer: subject, reader: 'apache', compression: 'gz', rounds: 8, end: 'stop' },
    { writer: 'apache', reader: subject, compression: 'gz', rounds: 8, end: 'stop' },
    { writer: subject, reader: 'apache', compression: 'snappy', rounds: 8, end: 'kill' },
    { writer: 'apache', reader: subject, compression: 'snappy', rounds: 8, end: 'kill' },
  ];
}

export const directories: Suite = {
  name: 'directories',
  shows: 'ZooKeeper starts on a directory that nodekeeper wrote, and the other way round: same tree, same digest',
  async run(context) {
    await installApache();
    const done: string[] = [];
    for (const item of cases(context.subject)) {
      const name = `${item.writer} to ${item.reader}${item.compression === '' ? '' : ` (${item.compression})`}`;
      const number = await runCase(item, join(context.workDirectory, String(done.length))).catch((error) => {
        throw new Error(`${name}: ${error instanceof Error ? error.message : error}`, { cause: error });
      });
      context.say(`  ${name}: ${number}`);
      done.push(name);
    }
    return `${done.length} directories handed over and back`;
  },
};

async function runCase(item: Case, directory: string): Promise<string> {
  const config = {
    ...quietConfig,
    snapCount: String(item.rounds * 8),
    'snapshot.compression.method': item.compression,
    'autopurge.purgeInterval': '0',
  };
  const start = (kind: ServerKind) => () => startServer(kind, { directory, config, systemProperties: quietProperties });
  const first = await withServers([start(item.writer)], ([server]) => write(server!, '/w', item));
  const files = filesIn(directory);
  if (item.rounds >= 20 && files.logs < 3) throw new Error(`only ${files.logs} log files: ${files.names}`);
  if (files.snapshots < 2) throw new Error(`only ${files.snapshots} snapshots: ${files.names}`);
  const wanted = { gz: '.gz', snappy: '.snappy' }[item.compression];
  if (wanted !== undefined && !files.names.includes(wanted)) throw new Error(`no ${wanted} file: ${files.names}`);

  const quietUntil = digestsStartAfter(directory);
  const second = await withServers([start(item.reader)], async ([server]) => {
    const check = await checkSame(server!, first, quietUntil);
    await checkSession(server!, first.written);
    return { check, ...(await write(server!, '/back', item)) };
  });
  const quietAgainUntil = digestsStartAfter(directory);
  await withServers([start(item.writer)], ([server]) => checkSame(server!, second, quietAgainUntil));
  return `${second.dump.length} nodes, ${files.logs} logs, ${files.snapshots} snapshots, ${second.check}; and back`;
}

interface State {
  written: Written;
  root: string;
  dump: string[];
  lastZxid: number;
  digests: Map<string, string>;
}

async function write(server: RunningServer, root: string, item: Case): Promise<State> {
  const written = await writeWorkload(server.port, root, item.rounds);
  const dump = await dumpTree(server.port, superAuth);
  const lastZxid = await padTo128(server.port, root);
  const digests = await digestLog(server.port);
  await (item.end === 'kill' ? server.kill() : server.stop());
  return { written, root, dump, lastZxid, digests };
}

/**
 * Checks that the server has the same tree and the same digests as before. Digests are compared only at
 * zxids for which both states have one. Also checks that the server has counted no digest mismatch.
 */
async function checkSame(server: RunningServer, before: State, quietUntil: number): Promise<string> {
  const settled = (lines: string[]) => lines.filter((line) => !line.startsWith(`${padPath(before.root)} `));
  const found = difference(settled(before.dump), settled(await dumpTree(server.port, superAuth)));
  if (found !== null) throw new Error(`another tree (- written, + read): ${found}`);
  const digests = await digestLog(server.port);
  const common = [...digests.keys()].filter((zxid) => before.digests.has(zxid));
  const other = common.find((zxid) => digests.get(zxid) !== before.digests.get(zxid));
  if (other !== undefined) {
    throw new Error(`digest at zxid 0x${other}: wrote ${before.digests.get(other)}, read ${digests.get(other)}`);
  }
  if (quietUntil < before.lastZxid && !common.includes(before.lastZxid.toString(16))) {
    throw new Error(`no digest for the last zxid 0x${before.lastZxid.toString(16)}, only for ${[...digests.keys()]}`);
  }
  const mismatches = /zk_digest_mismatches_count\t(\d+)/.exec(await fourLetterWord(server.port, 'mntr'))?.[1];
  if (mismatches !== '0') throw new Error(`zk_digest_mismatches_count is ${mismatches}`);
  return `${common.length} digests alike`;
}

/**
 * Checks the session that the writer left open. A client can resume the session with its password. The session owns its
 * ephemeral nodes, and they are deleted when it ends.
 */
async function checkSession(server: RunningServer, written: Written): Promise<void> {
  const connection = await RawConnection.open(server.port, { session: written.session, timeoutMs: 10_000_000 });
  if (connection.session.id !== written.session.id) throw new Error('the session that was left open cannot be resumed');
  const reply = await connection.must({ operation: 'getEphemerals', value: { prefixPath: '/' } });
  const ephemerals = (reply.ephemerals as string[]).toSorted();
  if (ephemerals.join() !== written.ephemerals.toSorted().join()) throw new Error(`its ephemerals are ${ephemerals}`);
  await connection.call({ operation: 'closeSession' });
  const observer = await RawConnection.open(server.port);
  const gone = await observer.call({ operation: 'exists', value: { path: ephemerals[0]!, watch: false } });
  if (gone.header.err !== -101) throw new Error(`${ephemerals[0]} outlived its session`);
  await observer.call({ operation: 'closeSession' });
}
