import { hexLong } from '../java-text.js';
import type { ConnectionView, ServerView } from '../server-view.js';
import { type Answer, word } from './word.js';

/** Bits of `interestOps`, with the values of Java's `SelectionKey`. */
const readInterest = 1;
const writeInterest = 4;

/** Reads the fields of a connection that `stat` prints. `cons` prints more fields. */
export function readBriefly(connection: ConnectionView) {
  const { remoteAddress, wantsRead, wantsWrite, outstandingRequests, statistics } = connection;
  return {
    remoteSocketAddress: remoteAddress,
    interestOps: (wantsRead ? readInterest : 0) | (wantsWrite ? writeInterest : 0),
    outstandingRequests,
    packetsReceived: statistics.packetsReceived,
    packetsSent: statistics.packetsSent,
  };
}

type BriefConnection = ReturnType<typeof readBriefly>;

/** Formats a connection for `stat`, without the closing parenthesis, so that `cons` can append more fields. */
export function briefText(connection: BriefConnection): string {
  const { remoteSocketAddress, interestOps, outstandingRequests, packetsReceived, packetsSent } = connection;
  const counts = `queued=${outstandingRequests},recved=${packetsReceived},sent=${packetsSent}`;
  return ` /${remoteSocketAddress}[${interestOps}](${counts}`;
}

/**
 * Copies each field by name. With `{ ...readBriefly(connection), sessionId, ... }` instead, this function would be a
 * hundred times slower.
 */
function readConnection(connection: ConnectionView) {
  const { remoteSocketAddress, interestOps, outstandingRequests, packetsReceived, packetsSent } =
    readBriefly(connection);
  const { sessionId, sessionTimeoutMs, establishedMs, statistics } = connection;
  return {
    remoteSocketAddress,
    interestOps,
    outstandingRequests,
    packetsReceived,
    packetsSent,
    sessionId,
    lastOperation: statistics.lastOperation,
    established: establishedMs,
    sessionTimeout: sessionTimeoutMs,
    lastCxid: statistics.lastCxid,
    lastZxid: statistics.lastZxid,
    lastResponseTime: Math.floor(statistics.lastResponseTimeMs),
    lastLatency: Math.floor(statistics.lastLatencyMs),
    minLatency: Math.floor(statistics.minLatencyMs),
    avgLatency: statistics.averageLatencyMs,
    maxLatency: Math.floor(statistics.maxLatencyMs),
  };
}

type Connection = ReturnType<typeof readConnection>;

function readConnections(view: ServerView) {
  return { connections: [...view.connections()].map(readConnection) };
}

function* connectionsText({ connections }: ReturnType<typeof readConnections>): Answer {
  for (const connection of connections) yield `${briefText(connection)}${sessionText(connection)})\n`;
  yield '\n';
}

function sessionText(connection: Connection): string {
  const { sessionId, lastOperation, established, sessionTimeout, lastCxid, lastZxid, lastResponseTime } = connection;
  if (sessionId === 0n) return '';
  const { lastLatency, minLatency, avgLatency, maxLatency } = connection;
  const cxid = lastCxid >= 0 ? `,lcxid=0x${hexLong(lastCxid)}` : '';
  return (
    `,sid=0x${hexLong(sessionId)},lop=${lastOperation},est=${established},to=${sessionTimeout}${cxid}` +
    `,lzxid=0x${hexLong(lastZxid)},lresp=${lastResponseTime}` +
    `,llat=${lastLatency},minlat=${minLatency},avglat=${avgLatency},maxlat=${maxLatency}`
  );
}

export const cons = word('cons', readConnections, connectionsText);

function resetConnections(view: ServerView) {
  for (const connection of view.connections()) connection.statistics.reset();
  return {};
}

export const crst = word('crst', resetConnections, () => ['Connection stats reset.\n']);
