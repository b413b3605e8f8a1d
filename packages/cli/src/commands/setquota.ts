import { ZooKeeperError } from '@nodekeeper/client';
import { Failure } from '../failure.js';
import { type StatsKey, StatsTrack } from '../format/stats-track.js';
import type { Output } from '../output.js';
import { parseInt32, parseInt64 } from '../parse/numbers.js';
import { limitNode, limitPath, quotaOptions, quotaPath, quotaRoot, readStats, usagePath } from '../quota.js';
import { childPath, type Requests } from '../requests.js';
import { visitSubtree } from '../subtree.js';
import type { Call, Command } from './command.js';

export const setQuota: Command = {
  name: 'setquota',
  usage: '-n|-b|-N|-B val path',
  summary: 'limit nodes or bytes; -N and -B are enforced',
  options: { rows: quotaOptions.map((row) => ({ ...row, takesValue: true })), oneOf: 'required' },
  words: [1],
  async run(call) {
    const { zk, output } = call;
    const path = call.word(0);
    if (path.startsWith(quotaRoot)) throw new Failure(`cannot set a quota under the path: ${quotaRoot}`, 0, { path });
    const limits = readLimits(call);
    if ((await zk.exists(path)) === null) throw new Failure(`${path} does not exist.`, 1, { path });
    await refuseNestedQuota(zk, path);
    await makeParents(zk, path);
    if ((await zk.exists(limitPath(path))) === null) await createQuota(zk, path, limits, output);
    else await changeQuota(zk, path, limits, output);
  },
};

/** Reads the one limit that the command line sets. The other limits are -1, which means unchanged. */
function readLimits({ has, value }: Call): StatsTrack {
  const { name, key } = quotaOptions.find((row) => has(row.name))!;
  const isCount = key.startsWith('count');
  const limit = readLimit(value(name)!, isCount);
  if (isCount && limit <= 0n) throw new Failure('the num quota must be greater than zero', 0);
  if (limit < 0n) throw new Failure('the bytes quota must be greater than or equal to zero', 0);
  const limits = new StatsTrack();
  for (const row of quotaOptions) limits.set(row.key, row.key === key ? limit : -1n);
  return limits;
}

function readLimit(text: string, isCount: boolean): bigint {
  try {
    return isCount ? BigInt(parseInt32(text)) : parseInt64(text);
  } catch {
    throw new Failure('NumberFormatException happens when parsing the option value', 0);
  }
}

/** Throws if an ancestor or a descendant of `path` has a quota, because it would be unclear which quota applies. */
async function refuseNestedQuota(zk: Requests, path: string): Promise<void> {
  const own = quotaPath(path);
  await passingOver('NONODE', () =>
    visitSubtree(zk, own, async (node) => {
      if (node === own) return;
      const isLimited = await hasLimits(zk, node);
      if (isLimited) throw new Failure(`${path} has a child ${node.slice(quotaRoot.length)} which has a quota`);
    }),
  );
  const names = path.split('/').slice(1, -1);
  let parent = quotaRoot;
  for (const name of names) {
    parent = childPath(parent, name);
    const children = await quotaChildren(zk, parent);
    if (children.length === 0) return;
    if (children.includes(limitNode)) {
      throw new Failure(`${path} has a parent ${parent.slice(quotaRoot.length)} which has a quota`);
    }
  }
}

async function hasLimits(zk: Requests, node: string): Promise<boolean> {
  return (await quotaChildren(zk, node)).includes(limitNode);
}

/** Returns the names of the node's children, or an empty list if the node does not exist. */
async function quotaChildren(zk: Requests, node: string): Promise<string[]> {
  return (await passingOver('NONODE', () => zk.children(node)))?.children ?? [];
}

async function makeParents(zk: Requests, path: string): Promise<void> {
  let node = '';
  for (const name of quotaPath(path).split('/').slice(1)) {
    node = `${node}/${name}`;
    const isThere = (await zk.exists(node)) !== null;
    if (!isThere) await passingOver('NODEEXISTS', () => zk.create(node, null, { mode: 'PERSISTENT' }));
  }
}

async function createQuota(zk: Requests, path: string, limits: StatsTrack, output: Output): Promise<void> {
  await zk.create(limitPath(path), limits.toString(), { mode: 'PERSISTENT' });
  await zk.create(usagePath(path), 'count=0,bytes=0', { mode: 'PERSISTENT' });
  warnIfExceeded(await readStats(zk, limitPath(path)), await readStats(zk, usagePath(path)), output);
}

async function changeQuota(zk: Requests, path: string, limits: StatsTrack, output: Output): Promise<void> {
  const changed = await readStats(zk, limitPath(path));
  for (const { key } of quotaOptions) if (limits.get(key) > -1n) changed.set(key, limits.get(key));
  warnIfExceeded(changed, await readStats(zk, usagePath(path)), output);
  await zk.set(limitPath(path), changed.toString());
}

function warnIfExceeded(limits: StatsTrack, usage: StatsTrack, output: Output): void {
  const isOver = (soft: StatsKey, hard: StatsKey) =>
    [soft, hard].some((key) => limits.get(key) > -1n && limits.get(key) < usage.get(soft));
  const warn = (what: string, existing: bigint) =>
    output.remark(`[Warning]: the ${what} quota you create is less than the existing ${what}:${existing}`, 'stdout');
  if (isOver('count', 'countHardLimit')) warn('count', usage.get('count'));
  if (isOver('bytes', 'byteHardLimit')) warn('bytes', usage.get('bytes'));
}

async function passingOver<Result>(
  code: 'NONODE' | 'NODEEXISTS',
  request: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await request();
  } catch (error) {
    if (ZooKeeperError.is(error, code)) return undefined;
    throw error;
  }
}
