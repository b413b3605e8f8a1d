import { hexLong, javaDate } from '../java-text.js';
import type { ConnectionView, ExpiryBucket, ServerView } from '../server-view.js';
import { listed } from './listed.js';
import { type Answer, word } from './word.js';

function readSessions(view: ServerView) {
  const isLearner = view.learnerMasterId !== undefined;
  return {
    /** Empty on a learner, because only the leader tracks when sessions expire. */
    expiryTimeToSessionIds: isLearner ? new Map<number, bigint[]>() : byExpiryTime(view.sessionBuckets(), (id) => id),
    globalSessions: isLearner ? [...view.globalSessions()].map(({ id, timeoutMs }) => ({ id, timeoutMs })) : undefined,
    sessionIdToEphemeralPaths: listed(view.ephemerals()),
    expiryTimeToConnections: byExpiryTime(view.connectionBuckets(), readConnection),
  };
}

function readConnection({ remoteAddress, sessionId }: ConnectionView) {
  return { remoteSocketAddress: remoteAddress, sessionId };
}

function byExpiryTime<Item, Value>(buckets: Iterable<ExpiryBucket<Item>>, read: (item: Item) => Value) {
  const all = new Map<number, readonly Value[]>();
  for (const { expiresMs, items } of buckets) all.set(expiresMs, [...items].map(read));
  return all;
}

function* sessionsText(data: ReturnType<typeof readSessions>): Answer {
  const { expiryTimeToSessionIds, globalSessions, sessionIdToEphemeralPaths, expiryTimeToConnections } = data;
  yield 'SessionTracker dump:\n';
  if (globalSessions === undefined) {
    yield* bucketsText('Session', expiryTimeToSessionIds, (id) => `0x${hexLong(id)}`);
  } else {
    yield `Global Sessions(${globalSessions.length}):\n`;
    for (const { id, timeoutMs } of globalSessions) yield `0x${hexLong(id)}\t${timeoutMs}ms\n`;
  }
  yield 'ephemeral nodes dump:\n';
  yield `Sessions with Ephemerals (${sessionIdToEphemeralPaths.size}):\n`;
  for (const [session, paths] of sessionIdToEphemeralPaths) {
    yield `0x${hexLong(session)}:\n`;
    for (const path of paths) yield `\t${path}\n`;
  }
  yield 'Connections dump:\n';
  yield* bucketsText('Connections', expiryTimeToConnections, ({ remoteSocketAddress, sessionId }) => {
    return `ip: /${remoteSocketAddress} sessionId: 0x${hexLong(sessionId)}`;
  });
}

function* bucketsText<Item>(
  title: string,
  buckets: ReadonlyMap<number, readonly Item[]>,
  describe: (item: Item) => string,
): Answer {
  const total = [...buckets.values()].reduce((sum, items) => sum + items.length, 0);
  yield `${title} Sets (${buckets.size})/(${total}):\n`;
  for (const [expiresMs, items] of buckets) {
    yield `${items.length} expire at ${javaDate(expiresMs)}:\n`;
    for (const item of items) yield `\t${describe(item)}\n`;
  }
}

export const dump = word('dump', readSessions, sessionsText);
