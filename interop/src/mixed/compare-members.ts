import { digestLog, type Ensemble, fourLetterWord, type Member, until } from '../peers/index.js';
import { RawConnection } from '../raw/connection.js';
import { difference } from '../raw/tree-dump.js';
import { readTree, type TreeContent } from './read-tree.js';
import { syncModes } from './synchronisation.js';

const padPath = '/pad';
const world = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];

/**
 * Checks that all running members have the same tree and digests, up to the last transaction. No client may write at
 * the same time.
 */
export async function compareMembers(ensemble: Ensemble): Promise<TreeContent> {
  await ensemble.untilServing();
  const lastZxid = await writeUntilDigest((await ensemble.leader()).port);
  await until(`all members to be at 0x${lastZxid.toString(16)}`, async () => {
    const zxids = await Promise.all(ensemble.running.map((member) => member.zxid()));
    return zxids.every((zxid) => zxid !== undefined && Number(zxid) >= lastZxid);
  });
  await compareDigests(ensemble.running, lastZxid.toString(16));
  const [first, ...others] = ensemble.running;
  const expected = await readTree(first!.port);
  for (const member of others) {
    const found = difference(expected.lines, (await readTree(member.port)).lines);
    if (found !== null) throw new Error(`the trees of ${first!.name} (-) and ${member.name} (+) differ: ${found}`);
  }
  return expected.content;
}

async function compareDigests(members: readonly Member[], lastZxid: string): Promise<void> {
  const seen = new Map<string, { digest: string; member: Member }>();
  for (const member of members) {
    const digests = await digestLog(member.port);
    if (!digests.has(lastZxid))
      throw new Error(`${member.name} has no digest for 0x${lastZxid}: ${[...digests.keys()]}`);
    for (const [zxid, digest] of digests) {
      if (zxid !== lastZxid && wasAhead(member)) continue;
      const other = seen.get(zxid);
      if (other === undefined) seen.set(zxid, { digest, member });
      else if (other.digest !== digest) {
        throw new Error(`digest at 0x${zxid}: ${other.digest} of ${other.member.name}, ${digest} of ${member.name}`);
      }
    }
    const mismatches = /zk_digest_mismatches_count\t(\d+)/.exec(await fourLetterWord(member.port, 'mntr'))?.[1];
    if (mismatches !== '0' && !wasAhead(member))
      throw new Error(`zk_digest_mismatches_count of ${member.name} is ${mismatches}`);
  }
}

/**
 * True if the member is a ZooKeeper server that received a snapshot. If the leader applies writes while it sends the
 * snapshot, the snapshot contains a part of them. Until the member has caught up, it logs digests that no other server
 * has.
 */
function wasAhead(member: Member): boolean {
  return member.kind === 'apache' && syncModes(member).includes('SNAP');
}

/** Writes until the zxid is a multiple of 128, because servers keep digests only for such zxids. Returns that zxid. */
async function writeUntilDigest(port: number): Promise<number> {
  const connection = await RawConnection.open(port, { timeoutMs: 60_000 });
  await connection.call({ operation: 'create', value: { path: padPath, data: null, acl: world, flags: 0 } });
  const write = { operation: 'setData', value: { path: padPath, data: Buffer.from('pad'), version: -1 } } as const;
  const first = await connection.call(write);
  for (let left = 128 - Number((first.header.zxid as bigint) % 128n); left > 0; left--) connection.send(write);
  await connection.settled();
  const last = connection.takeIncoming().at(-1);
  if (last?.kind !== 'reply' || last.header.err !== 0)
    throw new Error(`the leader does not accept writes: ${last?.kind}`);
  connection.destroy(); // closeSession would be a transaction with its own zxid
  return Number(last.header.zxid as bigint);
}
