import type { GetDataResponse, ReconfigRequest } from '@nodekeeper/protocol';
import type { Config, ConfigChange, ReadOptions } from './call-options.js';
import { calls, checkArgument, checkOptions, ofConfigChange } from './calls.js';
import { badArgument } from './errors.js';
import { type RequestOptions, type Requests, unwrap } from './requests.js';
import { watchOf } from './watch/watch-event.js';

/** A path in the tree of the server. The client does not add its chroot to this path. */
const configPath = '/zookeeper/config';

export async function readConfig(requests: Requests, options: ReadOptions): Promise<Config> {
  checkOptions(calls.getConfig, undefined, options);
  const body = { path: configPath, watch: options.watch !== undefined };
  const watch = watchOf('data', options.watch);
  return unwrap(await requests.send(calls.getConfig, configPath, configPath, body, configOf, options, watch));
}

export async function changeConfig(requests: Requests, change: ConfigChange, options: RequestOptions): Promise<Config> {
  const body = reconfigBody(change);
  checkOptions(calls.reconfig, undefined, options);
  return unwrap(await requests.send(calls.reconfig, configPath, configPath, body, configOf, options));
}

function reconfigBody(change: ConfigChange): ReconfigRequest {
  checkArgument(calls.reconfig, undefined, 'change', ofConfigChange, change);
  const { joining = null, leaving = null, members = null, fromConfig = -1n } = change;
  if (members !== null && (joining ?? leaving) !== null) {
    throw badArgument(
      calls.reconfig.op,
      undefined,
      'change.members cannot be combined with change.joining or change.leaving',
    );
  }
  return { joiningServers: joining, leavingServers: leaving, newMembers: members, curConfigId: fromConfig };
}

function configOf({ data, stat }: GetDataResponse): Config {
  return { config: data?.toString('utf8') ?? '', stat };
}
