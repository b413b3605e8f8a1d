import { RawConnection } from '../raw/connection.js';
import type { Script } from './script.js';

type Mask = (text: string) => string;

const version: Mask = (text) => text.replaceAll(/^(.*version).*$/gim, '$1 (a version)');
const numbersAfter =
  (...labels: string[]): Mask =>
  (text) =>
    labels.reduce((rest, label) => rest.replaceAll(new RegExp(`(${label})[-0-9./]+`, 'g'), '$1N'), text);
const ports: Mask = (text) => text.replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT');
const sortedLines: Mask = (text) => text.split('\n').toSorted().join('\n');

/**
 * Masks the counters that also count four-letter words. Their values vary, because a test asks a starting server `srvr`
 * until it serves.
 */
const traffic = numbersAfter('Latency min/avg/max: ', 'Received: ', 'Sent: ', 'Connections: ');

/** Each four-letter word, with the masks for the variable parts of its reply. */
const words: readonly (readonly [word: string, ...masks: Mask[]])[] = [
  ['ruok'],
  ['isro'],
  ['srvr', version, traffic],
  ['stat', version, traffic, ports, withoutProbes, sortedLines],
  ['cons', ports, withoutProbes, numbersAfter('est=', 'lresp=', 'llat=', 'minlat=', 'avglat=', 'maxlat='), sortedLines],
  ['dump', withoutBuckets, ports, sessionsOnly],
  ['wchs'],
  ['wchc', sortedLines],
  ['wchp', sortedLines],
  ['conf', (text) => text.replaceAll(/^(clientPort|data(Log)?(Dir|Size)|dataDirSize)=.*$/gm, '$1=X')],
  ['envi', (text) => text.replaceAll(/=.*$/gm, '=X'), environmentShape],
  ['dirs', numbersAfter('size: ')],
  ['gtmk'],
  ['hash'],
  ['crst'],
  ['srst'],
  ['mntr', comparableMetrics],
];

/** Removes the connections that only send a four-letter word, because they come and go. */
function withoutProbes(text: string): string {
  return text.replaceAll(/^ \/\S+\[0\]\(.*\n/gm, '');
}

/**
 * Removes the expiry buckets, because the clock decides which sessions expire together, and how many buckets are empty.
 */
function withoutBuckets(text: string): string {
  return text.replaceAll(/^\d+ expire at .*:\n/gm, '').replaceAll(/Sets \(\d+\)/g, 'Sets (N)');
}

/**
 * Removes the last part of `dump`. That part lists connections, and the connections that only send a four-letter word
 * come and go.
 */
function sessionsOnly(text: string): string {
  return sortedLines(text.slice(0, text.indexOf('Connections dump:')));
}

function environmentShape(text: string): string {
  return text
    .split('\n')
    .filter((line) => /^(Environment|zookeeper\.version|host\.name|os\.name|os\.arch|user\.dir)/.test(line))
    .join('\n');
}

const deterministicMetrics = [
  'zk_server_state',
  'zk_znode_count',
  'zk_ephemerals_count',
  'zk_watch_count',
  'zk_approximate_data_size',
  'zk_global_sessions',
  'zk_local_sessions',
  'zk_outstanding_requests',
  'zk_digest_mismatches_count',
  'zk_auth_failed_count',
  'zk_non_mtls_remote_conn_count',
];

/** The names of all metrics except the JVM's, and the values of the metrics that depend only on the scenario. */
function comparableMetrics(text: string): string {
  return text
    .split('\n')
    .map((line) => line.split('\t') as [string, string])
    .filter(([name]) => name !== '' && !name.startsWith('zk_jvm_'))
    .map(([name, value]) => (deterministicMetrics.includes(name) ? `${name} ${value}` : name))
    .toSorted()
    .join('\n');
}

export async function fourLetterWords(script: Script): Promise<void> {
  const client = await script.open('client', { timeoutMs: 60_000 });
  const other = await script.open('other', { timeoutMs: 60_000 });
  await script.create('client', client, '/words');
  await script.create('client', client, '/words/mine', 1);
  await script.create('other', other, '/words/yours', 1);
  await script.ask('client', client, 'getData', { path: '/words', watch: true });
  await script.ask('client', client, 'getChildren', { path: '/words', watch: true });
  await script.ask('other', other, 'exists', { path: '/words/none', watch: true });
  await script.ask('other', other, 'addWatch', { path: '/words', mode: 1 });
  await script.ask('other', other, 'addWatch', { path: '/words/mine', mode: 0 });
  for (const [word, ...masks] of words) {
    const answer = masks.reduce((text, mask) => mask(text), await script.word(word));
    for (const line of answer.split('\n')) script.note(`${word}: ${line}`);
  }
  // the server reads `abcd` as the length of a frame, and closes the connection because this length is too large
  script.note(`abcd: ${await script.word('abcd')}`);
  for (const bytes of [Buffer.from('fff4fffd', 'hex'), Buffer.from('ruok\r\n'), Buffer.from('isrono more')]) {
    script.note(`${bytes.toString('latin1')}: ${await RawConnection.openRaw(script.port, bytes)}`);
  }
}
