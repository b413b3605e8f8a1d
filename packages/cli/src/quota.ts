import { Failure } from './failure.js';
import { StatsTrack } from './format/stats-track.js';
import type { Requests } from './requests.js';

export const quotaRoot = '/zookeeper/quota';
export const limitNode = 'zookeeper_limits';
const usageNode = 'zookeeper_stats';

/** The node that holds the quota of a path. */
export const quotaPath = (path: string) => `${quotaRoot}${path}`;
export const limitPath = (path: string) => `${quotaPath(path)}/${limitNode}`;
export const usagePath = (path: string) => `${quotaPath(path)}/${usageNode}`;

/** Reads a limit or usage node. */
export async function readStats(zk: Requests, path: string): Promise<StatsTrack> {
  const { data } = await zk.get(path);
  return new StatsTrack(data?.toString('utf8'));
}

/** The options of setquota and delquota, and the limit that each one sets. */
export const quotaOptions = [
  { name: 'n', text: 'num soft quota', key: 'count' },
  { name: 'b', text: 'bytes soft quota', key: 'bytes' },
  { name: 'N', text: 'num hard quota', key: 'countHardLimit' },
  { name: 'B', text: 'bytes hard quota', key: 'byteHardLimit' },
] as const;

/** The quota's nodes do not exist, or were deleted. */
export function noQuota(path: string): Failure {
  return new Failure(`quota for ${path} does not exist.`, 0, { path });
}
