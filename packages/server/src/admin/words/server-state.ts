import { hexLong, javaDouble } from '../java-text.js';
import { resetMetrics } from '../metrics.js';
import type { ServerView } from '../server-view.js';
import type { SizeStatistics } from '../statistics.js';
import { fullVersion } from '../version.js';
import { briefText, readBriefly } from './connections.js';
import { type Answer, always, word } from './word.js';

/**
 * Reads the state for `srvr` and `stat`. The directory sizes are left to `dirs`, because reading them costs disk calls,
 * and monitoring tools send `srvr` often.
 */
function readServer(view: ServerView) {
  const { statistics, leader } = view;
  const { requestLatencyMs: latency, clientResponseSizeBytes } = statistics;
  return {
    version: fullVersion,
    readOnly: view.readOnly,
    serverStats: {
      packetsSent: statistics.packetsSent,
      packetsReceived: statistics.packetsReceived,
      uptime: Math.floor(view.uptimeMs),
      avgLatency: latency.average,
      minLatency: latency.min,
      maxLatency: latency.max,
      outstandingRequests: view.outstandingRequests,
      lastProcessedZxid: view.lastProcessedZxid,
      serverState: view.mode,
      numAliveClientConnections: view.connectionCount,
      authFailedCount: statistics.authFailedCount,
    },
    clientResponse: readSizes(clientResponseSizeBytes),
    proposalStats: leader && readSizes(leader.proposalSizes),
    nodeCount: view.nodeCount,
  };
}

type Server = ReturnType<typeof readServer>;

function readSizes({ last, min, max }: SizeStatistics) {
  return { lastBufferSize: last, minBufferSize: min, maxBufferSize: max };
}

function versionText({ version, readOnly }: Server): string {
  return `Zookeeper version: ${version}\n${readOnly ? 'READ-ONLY mode; serving only read-only clients\n' : ''}`;
}

function* stateText({ serverStats, proposalStats, nodeCount }: Server): Answer {
  const { minLatency, avgLatency, maxLatency } = serverStats;
  yield `Latency min/avg/max: ${minLatency}/${javaDouble(avgLatency)}/${maxLatency}\n`;
  yield `Received: ${serverStats.packetsReceived}\n`;
  yield `Sent: ${serverStats.packetsSent}\n`;
  yield `Connections: ${serverStats.numAliveClientConnections}\n`;
  yield `Outstanding: ${serverStats.outstandingRequests}\n`;
  yield `Zxid: 0x${hexLong(serverStats.lastProcessedZxid)}\n`;
  yield `Mode: ${serverStats.serverState}\n`;
  yield `Node count: ${nodeCount}\n`;
  if (proposalStats === undefined) return;
  const { lastBufferSize, minBufferSize, maxBufferSize } = proposalStats;
  yield `Proposal sizes last/min/max: ${lastBufferSize}/${minBufferSize}/${maxBufferSize}\n`;
}

export const srvr = word('srvr', readServer, function* (server) {
  yield versionText(server);
  yield* stateText(server);
});

function readServerAndConnections(view: ServerView) {
  return { ...readServer(view), connections: [...view.connections()].map(readBriefly) };
}

export const stat = word('stat', readServerAndConnections, function* ({ connections, ...server }) {
  yield `${versionText(server)}Clients:\n`;
  for (const connection of connections) yield `${briefText(connection)})\n`;
  yield '\n';
  yield* stateText(server);
});

function resetStatistics(view: ServerView) {
  view.statistics.reset();
  view.leader?.proposalSizes.reset();
  resetMetrics(view.metrics);
  return {};
}

export const srst = word('srst', resetStatistics, () => ['Server stats reset.\n']);

export const ruok = word(
  'ruok',
  () => ({}),
  () => ['imok'],
  always,
);

export const isro = word(
  'isro',
  (view) => ({ readOnly: view.readOnly }),
  ({ readOnly }) => [readOnly ? 'ro' : 'rw'],
  { notServing: 'null' },
);
