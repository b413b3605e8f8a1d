import { decimal, flag, inapplicable, integer, later, notYet, opens, yesNo } from './option-kinds.js';
import type { OptionRow } from './option-row.js';

const LONG = { max: Number.MAX_SAFE_INTEGER } as const;

/** Options of client connections, requests and the tree. */
export const clientOptions: readonly OptionRow[] = [
  integer(
    'jute.maxbuffer',
    'juteMaxBufferBytes',
    'Maximum size of a request or znode in bytes. ZooKeeper reads it with -D only.',
    {
      min: 1,
    },
  ),
  integer(
    'jute.maxbuffer.extrasize',
    'juteMaxBufferExtraSizeBytes',
    'Tolerance above jute.maxbuffer; equals jute.maxbuffer unless set.',
    {
      raiseTo: 1024,
    },
  ),
  integer('globalOutstandingLimit', 'globalOutstandingLimit', 'Requests in flight before reading pauses.', { min: 1 }),
  integer('maxCnxns', 'maxCnxns', 'Total number of connections; 0 is no limit.', { min: 0 }),
  inapplicable(
    'serverCnxnFactory',
    'org.apache.zookeeper.server.NIOServerCnxnFactory',
    'Networking of the JVM server.',
  ),
  inapplicable(
    'maxResponseCacheSize',
    '400',
    'Cached answers to getData. nodekeeper copies each answer from the stored data.',
  ),
  inapplicable('maxGetChildrenResponseCacheSize', '400', 'Cached answers to getChildren2.'),
  flag('clientTcpKeepAlive', 'clientTcpKeepAlive', 'TCP keep-alive on client connections.'),
  inapplicable('nio.numSelectorThreads', '', 'Threads that select sockets.'),
  inapplicable('nio.numWorkerThreads', '', 'Threads that read and write.'),
  inapplicable('nio.directBufferBytes', '65536', 'Direct buffers.'),
  inapplicable('nio.shutdownTimeout', '5000', 'Wait for threads to end, in ms.'),
  integer(
    'nio.sessionlessCnxnTimeout',
    'nioSessionlessCnxnTimeoutMs',
    'Time in ms after which a connection without a session is closed.',
    { min: 1 },
  ),
  inapplicable('netty.advancedFlowControl.enabled', 'false', 'Flow control of Netty.'),
  later('nothing', 'netty.server.outstandingHandshake.limit', '-1', 'Concurrent TLS handshakes.'),
  later(
    'nothing',
    'netty.server.earlyDropSecureConnectionHandshakes',
    'false',
    'Refuse TLS handshakes while the server does not serve.',
  ),
  opens('client.portUnification', 'false', 'The client port accepts TLS and plain connections.', {
    effect: 'there is no TLS yet, so clients would send everything unencrypted',
    advice: 'remove it to serve unencrypted',
  }),
  later('nothing', 'client.certReload', 'false', 'Reload the key stores of the client port when they change.'),
  integer('largeRequestMaxBytes', 'largeRequestMaxBytes', 'Maximum bytes of large requests in flight.', { min: 1 }),
  integer('largeRequestThreshold', 'largeRequestThresholdBytes', 'A longer request counts as large; -1 is off.', {
    min: -1,
  }),
  later('less', 'request_throttle_max_requests', '0', 'Requests in the pipeline; 0 is no limit.'),
  later('nothing', 'request_throttle_stall_time', '100', 'Wait for space in the pipeline, in ms.'),
  later('nothing', 'request_throttle_drop_stale', 'true', 'Stale requests are dropped.'),
  later('nothing', 'request_stale_connection_check', 'true', 'Requests of closed connections count as stale.'),
  later(
    'nothing',
    'request_stale_latency_check',
    'false',
    'Requests that waited longer than their session timeout count as stale.',
  ),
  later('nothing', 'request_throttler.shutdownTimeout', '10000', 'Time to drain when stopping, in ms.'),
  later('less', 'throttled_op_wait_time', '0', 'A request that waited longer is refused; 0 is off.'),
  integer('connection_throttle_tokens', 'connectionThrottleTokens', 'Burst of new sessions; 0 is no limit.', {
    min: 0,
  }),
  integer('connection_throttle_fill_time', 'connectionThrottleFillTimeMs', 'Period of refilling tokens, in ms.', {
    min: 1,
  }),
  integer('connection_throttle_fill_count', 'connectionThrottleFillCount', 'Tokens per period.', { min: 0 }),
  integer(
    'connection_throttle_freeze_time',
    'connectionThrottleFreezeTimeMs',
    'Period of adapting the drop probability, in ms; -1 is off.',
    { min: -1 },
  ),
  decimal(
    'connection_throttle_drop_increase',
    'connectionThrottleDropIncrease',
    'Increase of the drop probability per step.',
  ),
  decimal(
    'connection_throttle_drop_decrease',
    'connectionThrottleDropDecrease',
    'Decrease of the drop probability per step.',
  ),
  decimal(
    'connection_throttle_decrease_ratio',
    'connectionThrottleDecreaseRatio',
    'Share of used tokens below which the drop probability decreases.',
  ),
  flag(
    'connection_throttle_weight_enabled',
    'connectionThrottleWeightEnabled',
    'Kinds of sessions take different numbers of tokens.',
  ),
  integer(
    'connection_throttle_global_session_weight',
    'connectionThrottleGlobalSessionWeight',
    'Tokens of a global session.',
    { min: 1 },
  ),
  integer(
    'connection_throttle_local_session_weight',
    'connectionThrottleLocalSessionWeight',
    'Tokens of a local session; no other session costs less.',
    { min: 1 },
  ),
  integer(
    'connection_throttle_renew_session_weight',
    'connectionThrottleRenewSessionWeight',
    'Tokens of a reconnect.',
    {
      min: 1,
    },
  ),
  flag('extendedTypesEnabled', 'extendedTypesEnabled', 'Clients may create TTL znodes.'),
  flag('emulate353TTLNodes', 'emulate353TtlNodes', 'Write TTLs in the format of 3.5.3.'),
  integer('znode.container.checkIntervalMs', 'containerCheckIntervalMs', 'Period of reaping containers, in ms.', {
    min: 1,
  }),
  integer('znode.container.maxPerMinute', 'containerMaxPerMinute', 'Maximum number of containers reaped per minute.', {
    min: 1,
  }),
  integer(
    'znode.container.maxNeverUsedIntervalMs',
    'containerMaxNeverUsedIntervalMs',
    'Time in ms after which a container that never had a child is reaped; 0 is never.',
    { ...LONG, min: 0 },
  ),
  inapplicable('watchManagerName', 'org.apache.zookeeper.server.watch.WatchManager', 'Class that keeps watches.'),
  inapplicable('watcherCleanThreshold', '1000', 'Batch of dead watchers.'),
  inapplicable('watcherCleanIntervalInSeconds', '600', 'Longest wait for a batch of dead watchers.'),
  inapplicable('watcherCleanThreadsNum', '2', 'Threads that clean dead watchers.'),
  inapplicable('maxInProcessingDeadWatchers', '-1', 'Backlog of dead watchers.'),
  inapplicable('bitHashCacheSize', '10', 'Cache of the optimized watch manager.'),
  flag('enforceQuota', 'enforceQuota', 'Hard quotas refuse writes.'),
  later('nothing', 'enableEagerACLCheck', 'false', 'Also check ACLs before a write is queued.'),
  yesNo('skipACL', 'skipAcl', 'yes permits every client everything.', 'no'),
  later('less', 'pathStats.enabled', 'false', 'Requests are counted by path.'),
  later('nothing', 'pathStats.slotCapacity', '60', 'Slots of path statistics.'),
  later('nothing', 'pathStats.slotDuration', '15', 'Seconds per slot.'),
  later('nothing', 'pathStats.maxDepth', '6', 'Depth of counted paths.'),
  later('nothing', 'pathStats.sampleRate', '0.1', 'Share of requests counted.'),
  later('nothing', 'pathStats.initialDelay', '5', 'Minutes before the first report.'),
  later('nothing', 'pathStats.delay', '5', 'Minutes between reports.'),
  later('nothing', 'pathStats.topPathMax', '20', 'Paths in a report.'),
  notYet(
    'less',
    flag(
      'readonlymode.enabled',
      'readOnlyModeEnabled',
      'A server without a quorum serves reads; a standalone server always has one. ZooKeeper reads it with -D only.',
    ),
  ),
  later('nothing', 'messageTracker.BufferSize', '10', 'Remembered messages of a learner.'),
  later('less', 'messageTracker.Enabled', 'false', 'Messages of learners are remembered.'),
];
