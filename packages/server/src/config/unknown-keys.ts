import { isDefaultBehaviour } from './ignored-options.js';
import { misspeltOption, nearestKey } from './options.js';
import type { Findings, Setting } from './setting.js';

/**
 * Some headings in ZooKeeper's guide differ from the key of the option that they describe. This table maps each such
 * heading to the key. In zoo.cfg, ZooKeeper treats such a heading as an unknown key.
 */
const headings: Readonly<Record<string, string>> = {
  advancedFlowControlEnabled: 'netty.advancedFlowControl.enabled',
  authProvider: 'authProvider.1',
  connectionDecreaseRatio: 'connection_throttle_decrease_ratio',
  connectionDropDecrease: 'connection_throttle_drop_decrease',
  connectionDropIncrease: 'connection_throttle_drop_increase',
  connectionFreezeTime: 'connection_throttle_freeze_time',
  connectionMaxTokens: 'connection_throttle_tokens',
  connectionTokenFillCount: 'connection_throttle_fill_count',
  connectionTokenFillTime: 'connection_throttle_fill_time',
  maxConcurrentDiffSyncs: 'leader.maxConcurrentDiffSyncs',
  maxConcurrentSnapSyncs: 'leader.maxConcurrentSnapSyncs',
  maxTimeToWaitForEpoch: 'leader.maxTimeToWaitForEpoch',
  'outstandingHandshake.limit': 'netty.server.outstandingHandshake.limit',
  requestStaleConnectionCheck: 'request_stale_connection_check',
  requestStaleLatencyCheck: 'request_stale_latency_check',
  requestThrottleDropStale: 'request_throttle_drop_stale',
  requestThrottleLimit: 'request_throttle_max_requests',
  requestThrottleStallTime: 'request_throttle_stall_time',
  throttledOpWaitTime: 'throttled_op_wait_time',
  watchManaggerName: 'watchManagerName',
};

/** Maps each key of an old release or an old guide to its present key; to null if there is none. */
const formerKeys: Readonly<Record<string, string | null>> = {
  jaasLoginRenew: null,
  'quorum.auth.learner.loginContext': 'quorum.auth.learner.saslLoginContext',
  'quorum.auth.server.loginContext': 'quorum.auth.server.saslLoginContext',
  requireClientAuthScheme: 'sessionRequireClientSASLAuth',
  traceFile: null,
};

/** Prefixes of keys that belong to other software, but often stand in the same file as ZooKeeper's keys. */
const foreignPrefixes: readonly (readonly [begin: string, owner: string])[] = [
  ['log4j.', 'log4j'],
  ['logback.', 'logback'],
  ['zookeeper.root.logger', "ZooKeeper's log4j.properties"],
  ['zookeeper.console.', "ZooKeeper's log4j.properties"],
  ['zookeeper.log.', "ZooKeeper's log4j.properties"],
  ['zookeeper.tracelog.', "ZooKeeper's log4j.properties"],
  ['zookeeper.auditlog.', "ZooKeeper's log4j.properties"],
  ['zookeeper.connect', 'Kafka'],
  ['broker.', 'Kafka'],
  ['listeners', 'Kafka'],
  ['advertised.', 'Kafka'],
  ['num.', 'Kafka'],
  ['socket.', 'Kafka'],
  ['log.', 'Kafka'],
  ['offsets.', 'Kafka'],
  ['transaction.', 'Kafka'],
  ['confluent.', 'Kafka'],
];

/**
 * Reports a key that is not an option. ZooKeeper turns an unknown key into a system property that nothing reads, and
 * nodekeeper warns of it. A key that looks like a misspelt option prevents the start, unless `lenient` is set or
 * ignoring the key has no consequence.
 */
export function reportUnknownKey(
  { key, value, where }: Setting,
  lenient: boolean,
  { errors, warnings }: Findings,
): void {
  const known = knownReason(key);
  if (known !== undefined) {
    warnings.push(`${where}: '${key}' ${known}; it is ignored`);
    return;
  }
  const meant = misspeltOption(key);
  if (meant !== undefined && !lenient && !isDefaultBehaviour(meant, value)) {
    const hint = `did you mean '${meant.key}'? If not, --lenient makes this a warning`;
    errors.push(`${where}: unknown option '${key}'; ${hint}`);
    return;
  }
  const near = meant?.key ?? nearestKey(key);
  const hint = near === undefined ? '' : `; did you mean '${near}'?`;
  warnings.push(`${where}: unknown option '${key}' is ignored, as in ZooKeeper${hint}`);
}

function knownReason(key: string): string | undefined {
  const name = key.replace(/^zookeeper\./, '');
  if (Object.hasOwn(headings, name)) return `is a heading of ZooKeeper's guide; the key is '${headings[name]}'`;
  if (Object.hasOwn(formerKeys, name)) {
    const today = formerKeys[name];
    return `is a key of old releases${today === null ? ' that ZooKeeper does not read either' : `; today it is '${today}'`}`;
  }
  const owner = foreignPrefixes.find(([begin]) => key.startsWith(begin))?.[1];
  return owner === undefined ? undefined : `is a key of ${owner}`;
}
