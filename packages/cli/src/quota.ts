import { Failure } from './failure.js';
import { StatsTrack } from './format/stats-track.js';
import type { Requests } from './requests.js';

export const quotaRoot = '/zookeeper/quota';
export const limitNode = 'zookeeper_limits';
const usageNode = 'zookeeper_stats';

/** The path of the node that holds the quota of `path`. */
export const quotaPath = (path: string) => `${quotaRoot}${path}`;
export const limitPath = (path: string) => `${quotaPath(path)}/${limitNode}`;
export const usagePath = (path: string) => `${quotaPath(path)}/${usageNode}`;

/** Reads a quota's limit node or usage node. */
export async function readStats(zk: Requests, path: string): Promise<StatsTrack> {
  const { data } = await zk.get(path);
  return new StatsTrack(data?.toString('utf8'));
}

/** The options of setquota and delquota, and the limit that each one sets or deletes. */
export const quotaOptions = [
  { name: 'n', text: 'num soft quota', key: 'count' },
  { name: 'b', text: 'bytes soft quota', key: 'bytes' },
  { name: 'N', text: 'num hard quota', key: 'countHardLimit' },
  { name: 'B', text: 'bytes hard quota', key: 'byteHardLimit' },
] as const;

/** The failure of a command on a quota whose nodes do not exist. */
export function noQuota(path: string): Failure {
  return new Failure(`quota for ${path} does not exist.`, 0, { path });
}
