import { hexLong, javaDate, javaDouble } from './java-text.js';
import { resetMetrics } from './metrics.js';
import { monitorEntries, readSamples } from './monitor.js';
import type { ConnectionView, ExpiryBucket, ServerView } from './server-view.js';
import { FULL_VERSION } from './version.js';
import { isWhitelisted } from './whitelist.js';

/** The text answered, in pieces, so that a long report can be sent as the client reads it. */
type Answer = Iterable<string>;

const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests';

export interface FourLetterWord {
  readonly name: string;
  /** Its bytes as the length of a frame, which is where they stand. */
  readonly code: number;
  /** Bytes that belong to it after the word itself. */
  readonly argumentBytes: number;
  /** What is answered while the server does not serve; undefined: the same as otherwise. */
  readonly notServing: string | undefined;
  readonly run: (view: ServerView, argument: Uint8Array) => Answer;
}

function word(name: string, run: FourLetterWord['run'], more: Partial<FourLetterWord> = {}): FourLetterWord {
  const code = [...name].reduce((bytes, letter) => (bytes << 8) | letter.charCodeAt(0), 0);
  return { name, code, argumentBytes: 0, notServing: `${NOT_SERVING}\n`, run, ...more };
}

/** `electionAlg`: all others are gone. */
const fastLeaderElection = 3;
const peerStates: Partial<Record<ServerView['mode'], string>> = {
  leader: 'leading',
  follower: 'following',
  observer: 'observing',
};

const always = { notServing: undefined } as const;

/** Every four-letter word of inventory 6.1. */
export const fourLetterWords: readonly FourLetterWord[] = [
  word('conf', configuration),
  word('cons', connections),
  word('crst', resetConnections),
  word('dirs', directories),
  word('dump', dump),
  word('envi', environment, always),
  word('gtmk', (view) => [String(view.traceMask)], always),
  word('stmk', setTraceMask, { ...always, argumentBytes: 8 }),
  word('ruok', () => ['imok'], always),
  word('srst', resetStatistics),
  word('srvr', (view) => [version(view), ...serverState(view)]),
  word('stat', stat),
  word('wchc', watchesBySession),
  word('wchp', watchesByPath),
  word('wchs', watchSummary),
  word('mntr', monitor),
  word('isro', (view) => [view.readOnly ? 'ro' : 'rw'], { notServing: 'null' }),
  word('hash', digests, { notServing: NOT_SERVING }),
  // What telnet sends to say goodbye: closed without an answer.
  word('telnet close', () => [], { ...always, code: 0xfff4fffd | 0 }),
];

const byCode = new Map(fourLetterWords.map((entry) => [entry.code, entry]));

/** The word that the first four bytes of a connection, as a signed number, are; undefined for a frame's length. */
export function findFourLetterWord(code: number): FourLetterWord | undefined {
  return byCode.get(code);
}

/**
 * Runs a word, or says why not.
 * @param argument what followed the word: at least `argumentBytes`, or the word does nothing.
 */
export function answerFourLetterWord(entry: FourLetterWord, view: ServerView, argument: Uint8Array): Answer {
  if (!isWhitelisted(entry.name, view.config)) {
    return [`${entry.name} is not executed because it is not in the whitelist.\n`];
  }
  if (!view.serving && entry.notServing !== undefined) return [entry.notServing];
  return argument.length < entry.argumentBytes ? [] : entry.run(view, argument);
}

function version(view: ServerView): string {
  const readOnly = view.readOnly ? 'READ-ONLY mode; serving only read-only clients\n' : '';
  return `Zookeeper version: ${FULL_VERSION}\n${readOnly}`;
}

function* serverState(view: ServerView): Answer {
  const { requestLatencyMs: latency, packetsReceived, packetsSent } = view.statistics;
  yield `Latency min/avg/max: ${latency.min}/${javaDouble(latency.average)}/${latency.max}\n`;
  yield `Received: ${packetsReceived}\n`;
  yield `Sent: ${packetsSent}\n`;
  yield `Connections: ${view.connectionCount}\n`;
  yield `Outstanding: ${view.outstandingRequests}\n`;
  yield `Zxid: 0x${hexLong(view.lastProcessedZxid)}\n`;
  yield `Mode: ${view.mode}\n`;
  yield `Node count: ${view.nodeCount}\n`;
  if (view.leader === undefined) return;
  const { last, min, max } = view.leader.proposalSizes;
  yield `Proposal sizes last/min/max: ${last}/${min}/${max}\n`;
}

function* stat(view: ServerView): Answer {
  yield `${version(view)}Clients:\n`;
  for (const connection of view.connections()) yield `${describeConnection(connection)})\n`;
  yield '\n';
  yield* serverState(view);
}

function* connections(view: ServerView): Answer {
  for (const connection of view.connections()) {
    yield `${describeConnection(connection)}${describeSession(connection)})\n`;
  }
  yield '\n';
}

function describeConnection(connection: ConnectionView): string {
  const { remoteAddress, wantsRead, wantsWrite, outstandingRequests, statistics } = connection;
  const interest = (wantsRead ? 1 : 0) + (wantsWrite ? 4 : 0);
  const { packetsReceived, packetsSent } = statistics;
  return ` /${remoteAddress}[${interest}](queued=${outstandingRequests},recved=${packetsReceived},sent=${packetsSent}`;
}

function describeSession({ sessionId, sessionTimeoutMs, establishedMs, statistics }: ConnectionView): string {
  if (sessionId === 0n) return '';
  const cxid = statistics.lastCxid >= 0 ? `,lcxid=0x${hexLong(statistics.lastCxid)}` : '';
  return (
    `,sid=0x${hexLong(sessionId)},lop=${statistics.lastOperation},est=${establishedMs},to=${sessionTimeoutMs}${cxid}` +
    `,lzxid=0x${hexLong(statistics.lastZxid)},lresp=${Math.floor(statistics.lastResponseTimeMs)}` +
    `,llat=${Math.floor(statistics.lastLatencyMs)},minlat=${Math.floor(statistics.minLatencyMs)}` +
    `,avglat=${statistics.averageLatencyMs},maxlat=${Math.floor(statistics.maxLatencyMs)}`
  );
}

function configuration(view: ServerView): Answer {
  const { config } = view;
  return [
    `clientPort=${view.clientPort}\n`,
    'secureClientPort=-1\n',
    `dataDir=${view.snapshotDirectory}\n`,
    `dataDirSize=${view.snapshotDirectorySizeBytes}\n`,
    `dataLogDir=${view.logDirectory}\n`,
    `dataLogSize=${view.logDirectorySizeBytes}\n`,
    `tickTime=${config.tickTimeMs}\n`,
    `maxClientCnxns=${config.maxClientCnxns}\n`,
    `minSessionTimeout=${config.minSessionTimeoutMs}\n`,
    `maxSessionTimeout=${config.maxSessionTimeoutMs}\n`,
    `clientPortListenBacklog=${config.clientPortListenBacklog}\n`,
    `serverId=${view.serverId}\n`,
    ...memberConfiguration(view),
  ];
}

function memberConfiguration({ config }: ServerView): string[] {
  const { ensemble, myId, initLimitTicks, syncLimitTicks } = config;
  const member = ensemble?.members.get(myId ?? -1);
  if (ensemble === null || member === undefined) return [];
  const ports = (kind: 'electionPort' | 'quorumPort') => member.addresses.map((address) => address[kind]).join('|');
  return [
    `initLimit=${initLimitTicks}\n`,
    `syncLimit=${syncLimitTicks}\n`,
    `electionAlg=${fastLeaderElection}\n`,
    `electionPort=${ports('electionPort')}\n`,
    `quorumPort=${ports('quorumPort')}\n`,
    `peerType=${member.role === 'observer' ? 1 : 0}\n`,
    `membership: \n${ensemble.text}`,
  ];
}

function directories(view: ServerView): Answer {
  return [`datadir_size: ${view.snapshotDirectorySizeBytes}\n`, `logdir_size: ${view.logDirectorySizeBytes}\n`];
}

function resetConnections(view: ServerView): Answer {
  for (const connection of view.connections()) connection.statistics.reset();
  return ['Connection stats reset.\n'];
}

function resetStatistics(view: ServerView): Answer {
  view.statistics.reset();
  view.leader?.proposalSizes.reset();
  resetMetrics(view.metrics);
  return ['Server stats reset.\n'];
}

function setTraceMask(view: ServerView, argument: Uint8Array): Answer {
  view.traceMask = new DataView(argument.buffer, argument.byteOffset, argument.byteLength).getBigInt64(0);
  return [String(view.traceMask)];
}

function* environment(view: ServerView): Answer {
  yield `Environment:\nzookeeper.version=${FULL_VERSION}\n`;
  for (const [key, value] of view.environment()) yield `${key}=${value}\n`;
}

function* dump(view: ServerView): Answer {
  yield 'SessionTracker dump:\n';
  if (view.learnerMasterId === undefined) {
    yield* buckets('Session', view.sessionBuckets(), (id) => `0x${hexLong(id)}`);
  } else {
    yield* globalSessions(view);
  }
  yield 'ephemeral nodes dump:\n';
  const ephemerals = view.ephemerals();
  yield `Sessions with Ephemerals (${ephemerals.size}):\n`;
  for (const [session, paths] of ephemerals) {
    yield `0x${hexLong(session)}:\n`;
    for (const path of paths) yield `\t${path}\n`;
  }
  yield 'Connections dump:\n';
  yield* buckets('Connections', view.connectionBuckets(), ({ remoteAddress, sessionId }) => {
    return `ip: /${remoteAddress} sessionId: 0x${hexLong(sessionId)}`;
  });
}

/** A learner does not know when sessions expire: the leader sees to that. */
function* globalSessions(view: ServerView): Answer {
  const sessions = [...view.globalSessions()];
  yield `Global Sessions(${sessions.length}):\n`;
  for (const { id, timeoutMs } of sessions) yield `0x${hexLong(id)}\t${timeoutMs}ms\n`;
}

function* buckets<Item>(title: string, list: Iterable<ExpiryBucket<Item>>, describe: (item: Item) => string): Answer {
  const all = [...list];
  yield `${title} Sets (${all.length})/(${all.reduce((sum, { items }) => sum + items.size, 0)}):\n`;
  for (const { expiresMs, items } of all) {
    yield `${items.size} expire at ${javaDate(expiresMs)}:\n`;
    for (const item of items) yield `\t${describe(item)}\n`;
  }
}

function* watchesBySession(view: ServerView): Answer {
  for (const [session, paths] of view.watchesBySession()) {
    yield `0x${hexLong(session)}\n`;
    for (const path of paths) yield `\t${path}\n`;
  }
  yield '\n';
}

function* watchesByPath(view: ServerView): Answer {
  for (const [path, sessions] of view.watchesByPath()) {
    yield `${path}\n`;
    for (const session of sessions) yield `\t0x${hexLong(session)}\n`;
  }
  yield '\n';
}

function watchSummary(view: ServerView): Answer {
  const bySession = view.watchesBySession();
  let total = 0;
  for (const paths of bySession.values()) total += paths.size;
  const { size } = view.watchesByPath();
  return [`${bySession.size} connections watching ${size} paths\nTotal watches:${total}\n`];
}

function monitor(view: ServerView): Answer {
  const lines: string[] = [];
  const sink = (key: string, value: string) => void lines.push(`zk_${key}\t${value}\n`);
  sink('version', FULL_VERSION);
  sink('server_state', view.mode);
  // only who serves is asked, and serves in the phase of broadcast
  const peerState = peerStates[view.mode];
  if (peerState !== undefined) sink('peer_state', `${peerState} - broadcast`);
  if (view.mode === 'observer') sink('observer_master_id', String(view.learnerMasterId));
  for (const sample of readSamples(view)) {
    for (const { key, value, isDouble } of monitorEntries(sample))
      sink(key, isDouble ? javaDouble(value) : String(value));
  }
  return lines;
}

function* digests(view: ServerView): Answer {
  for (const { zxid, digest } of view.digests()) yield `${hexLong(zxid)}: ${digest}\n`;
}
