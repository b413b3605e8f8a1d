import { refusalOf } from './ignored-options.js';
import { findOption, keyBySqueezedName, squeeze } from './options.js';
import type { Findings } from './setting.js';

/**
 * This file reports environment variables that seem meant for this server but are not read. The values may be secret,
 * so they are never printed.
 */

/**
 * Variables of other Docker images and scripts. `instead` names the source that nodekeeper reads. `asks` names the
 * option that the variable requests with the value `1`, `yes` or `true`. The server then does not start, because it
 * must not ignore this option.
 */
const unread: Readonly<Record<string, { readonly instead?: string; readonly asks?: string }>> = {
  // read by ZooKeeper's zkServer.sh
  ZOOCFG: { instead: 'the file named on the command line' },
  ZOOCFGDIR: { instead: 'the file named on the command line' },
  // Docker images that have a separate variable for the server id
  SERVER_ID: { instead: 'ZOO_MY_ID, or the file myid' },
  ZOOKEEPER_SERVER_ID: { instead: 'ZOO_MY_ID, or the file myid' },
  ZOOKEEPER_SERVERS: { instead: 'ZOO_SERVERS' },
  // the official image of ZooKeeper 3.4
  ZOO_PORT: { instead: 'ZOO_CLIENT_PORT' },
  // Bitnami's image
  ZOO_ADMIN_SERVER_PORT_NUMBER: { instead: 'ZOO_ADMIN_SERVER_PORT' },
  ZOO_AUTOPURGE_INTERVAL: { instead: 'ZOO_AUTOPURGE_PURGEINTERVAL' },
  ZOO_AUTOPURGE_RETAIN_COUNT: { instead: 'ZOO_AUTOPURGE_SNAPRETAINCOUNT' },
  ZOO_ENABLE_ADMIN_SERVER: { instead: 'ZOO_ADMINSERVER_ENABLED' },
  ZOO_ENABLE_AUTH: { asks: 'sessionRequireClientSASLAuth' },
  ZOO_ENABLE_QUORUM_AUTH: { asks: 'quorum.auth.enableSasl' },
  ZOO_LISTEN_ALLIPS_ENABLED: { instead: 'ZOO_QUORUM_LISTEN_ON_ALL_IPS' },
  ZOO_LOG_LEVEL: { instead: '--log-level' },
  ZOO_PORT_NUMBER: { instead: 'ZOO_CLIENT_PORT' },
  ZOO_SERVER_ID: { instead: 'ZOO_MY_ID, or the file myid' },
  ZOO_TLS_CLIENT_ENABLE: { asks: 'client.portUnification' },
  ZOO_TLS_QUORUM_ENABLE: { asks: 'sslQuorum' },
};

/** Variables that contain Java flags, from ZooKeeper's scripts and Kafka's Docker images. */
const flagVariables = ['JVMFLAGS', 'SERVER_JVMFLAGS', 'KAFKA_OPTS'];

/** The end of a variable name that Kubernetes or Docker derives from a service called `zoo` or `zookeeper`. */
const serviceLink = /_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP)(?:_(?:PROTO|PORT|ADDR))?)$/;
const serviceAddress = /^(?:tcp|udp):\/\//;

export function reportUnreadVariables(
  environment: Readonly<Record<string, string | undefined>>,
  findings: Findings,
): void {
  for (const [name, value] of Object.entries(environment)) {
    if (value && !serviceAddress.test(value)) reportVariable(name, value, findings);
  }
  for (const name of flagVariables) reportFlags(name, environment[name] ?? '', findings);
}

function reportVariable(name: string, value: string, { errors, warnings }: Findings): void {
  const { instead = insteadOf(name), asks } = (Object.hasOwn(unread, name) && unread[name]) || {};
  if (asks !== undefined && /^(?:1|yes|true)$/i.test(value)) {
    errors.push(`${name} cannot be ignored: ${findOption(asks)!.opening!.effect}; unset it if that is acceptable`);
  } else if (instead !== undefined) {
    warnings.push(`environment variable ${name} is not read; use ${instead} instead`);
  }
}

/**
 * Returns the source that nodekeeper reads instead of this variable; undefined if the variable's name follows no known
 * pattern.
 */
function insteadOf(name: string): string | undefined {
  if (/^ADDITIONAL_ZOOKEEPER_\d+$/.test(name)) return 'ZOO_SERVERS';
  // Confluent's image writes `ZOOKEEPER_` before the key
  const key = /^ZOOKEEPER_(\w+)$/.exec(name)?.[1];
  return key !== undefined && keyBySqueezedName.has(squeeze(key)) ? `ZOO_${key}` : undefined;
}

/**
 * True if an unknown `ZOO_` variable needs no general warning, because it has a row in `unread`, or Kubernetes or
 * Docker has set it.
 */
export function isNotAnOption(name: string, value: string): boolean {
  return Object.hasOwn(unread, name) || serviceLink.test(name) || serviceAddress.test(value);
}

/**
 * Reports flags `-Dzookeeper.key=value` in a variable that nodekeeper does not read, if ignoring the option has a
 * consequence.
 */
function reportFlags(variable: string, flags: string, { errors, warnings }: Findings): void {
  const lost: string[] = [];
  for (const [, key = '', value = ''] of flags.matchAll(/(?:^|\s|["'])-D([\w.-]+)=([^\s"']*)/g)) {
    const option = findOption(key);
    if (option === undefined || option.origin === 'parser' || option.ignoring === 'nothing') continue;
    const refusal = refusalOf(option, { key, value, where: variable });
    if (refusal !== undefined) errors.push(refusal);
    else lost.push(option.key);
  }
  if (lost.length === 0) return;
  warnings.push(
    `environment variable ${variable} is not read; set these options in zoo.cfg or with --set instead: ${lost.join(', ')}`,
  );
}
