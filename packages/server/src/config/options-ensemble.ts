import { flag, inapplicable, inEnsemble, integer, later, notYet, text, yesNo } from './option-kinds.js';
import type { OptionRow } from './option-row.js';

/** Options of the connections and messages between servers. */
export const ensembleOptions: readonly OptionRow[] = [
  inEnsemble(integer('cnxTimeout', 'cnxTimeoutMs', 'Timeout of election connections, in ms.', { min: 1 })),
  inEnsemble(
    integer(
      'quorumCnxnTimeoutMs',
      'quorumCnxnTimeoutMs',
      'Maximum silence in an election handshake, in ms; -1 is syncLimit ticks.',
      { min: -1 },
    ),
  ),
  inEnsemble(flag('tcpKeepAlive', 'quorumTcpKeepAlive', 'TCP keep-alive between servers.')),
  inEnsemble(
    integer(
      'electionPortBindRetry',
      'electionPortBindRetry',
      'Attempts to listen on the election port; 0 is unlimited.',
      {
        min: 0,
      },
    ),
  ),
  inEnsemble(
    integer(
      'fastleader.minNotificationInterval',
      'fastLeaderMinNotificationIntervalMs',
      'Shortest wait for votes, in ms.',
      { min: 1 },
    ),
  ),
  inEnsemble(
    integer(
      'fastleader.maxNotificationInterval',
      'fastLeaderMaxNotificationIntervalMs',
      'Longest wait for votes, in ms.',
      { min: 1 },
    ),
  ),
  inEnsemble(yesNo('leaderServes', 'leaderServes', 'The leader accepts clients.', 'yes')),
  inEnsemble(
    integer(
      'leader.maxTimeToWaitForEpoch',
      'leaderMaxTimeToWaitForEpochMs',
      'Time in ms after which a leader without an epoch steps down if a voter looks for a leader again; -1 is never.',
      { min: -1 },
    ),
  ),
  inEnsemble(
    integer(
      'leader.maxConcurrentSnapSyncs',
      'leaderMaxConcurrentSnapSyncs',
      'Observers that receive a snapshot concurrently.',
      { min: 1 },
    ),
  ),
  inEnsemble(
    integer(
      'leader.maxConcurrentDiffSyncs',
      'leaderMaxConcurrentDiffSyncs',
      'Observers that receive a difference concurrently.',
      { min: 1 },
    ),
  ),
  notYet(
    'nothing',
    integer(
      'leader.ackLoggingFrequency',
      'leaderAckLoggingFrequency',
      'Proposals per sample of acknowledgement times.',
      { min: 1 },
    ),
  ),
  inapplicable('leader.closeSocketAsync', 'false', 'Sockets are closed in a thread.'),
  inapplicable('learner.closeSocketAsync', 'false', 'Sockets are closed in a thread.'),
  inapplicable('learner.asyncSending', 'false', 'A learner sends in a thread.'),
  notYet(
    'nothing',
    flag('leader.nodelay', 'leaderNoDelay', 'TCP_NODELAY on the leader. ZooKeeper reads it with -D only.'),
  ),
  notYet(
    'nothing',
    flag('follower.nodelay', 'followerNoDelay', 'TCP_NODELAY on a follower. ZooKeeper reads it with -D only.'),
  ),
  notYet(
    'nothing',
    integer(
      'leaderConnectDelayDuringRetryMs',
      'leaderConnectDelayDuringRetryMs',
      'Pause between attempts to reach the leader.',
      { min: 0 },
    ),
  ),
  notYet(
    'nothing',
    integer('observer.reconnectDelayMs', 'observerReconnectDelayMs', 'Pause of an observer before it reconnects.', {
      min: 0,
    }),
  ),
  notYet(
    'nothing',
    integer(
      'observer.election.DelayMs',
      'observerElectionDelayMs',
      'Pause of an observer before it looks for the leader.',
      { min: 0 },
    ),
  ),
  notYet(
    'nothing',
    flag('observer.syncEnabled', 'observerSyncEnabled', 'Observers log to disk; equals syncEnabled unless set.'),
  ),
  notYet(
    'nothing',
    integer('observerMaster.sizeLimit', 'observerMasterSizeLimitBytes', 'Bytes kept for observers.', { min: 0 }),
  ),
  inapplicable('commitProcessor.numWorkerThreads', '', 'Threads that answer reads.'),
  inapplicable('commitProcessor.shutdownTimeout', '5000', 'Wait for those threads to end, in ms.'),
  inapplicable('commitProcessor.maxReadBatchSize', '-1', 'Reads between checks for commits.'),
  inapplicable('commitProcessor.maxCommitBatchSize', '1', 'Commits between reads.'),
  inapplicable('forward_learner_requests_to_commit_processor_disabled', 'false', 'The leader queues fewer requests.'),
  inapplicable('follower.skipLearnerRequestToNextProcessor', 'false', 'A follower queues fewer requests.'),
  later('nothing', 'kerberos.canonicalizeHostNames', 'false', 'Canonicalize the names of servers.'),
  inEnsemble(
    text(
      'dynamicConfigFile',
      'dynamicConfigFile',
      'File with the membership: server.N, group.N, weight.N. The end of its name is its version in hexadecimal.',
      { origin: 'parser' },
    ),
  ),
];
