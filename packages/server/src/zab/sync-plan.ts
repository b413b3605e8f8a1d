import { zxidCounter, zxidEpoch } from '@nodekeeper/protocol';
import type { CommittedLog } from './committed-log.js';
import type { LoggedDifference } from './logged-difference.js';

/**
 * How the leader synchronises a learner. After DIFF or TRUNC, the leader sends transactions from the committed log.
 * `from` is the index of the first one.
 */
export type SyncPlan =
  | { readonly kind: 'diff'; readonly zxid: number; readonly from: number }
  | { readonly kind: 'trunc'; readonly zxid: number; readonly from: number }
  /**
   * The learner lacks transactions that are no longer in memory. If the logs do not hold them all, the learner gets a
   * snapshot.
   */
  | { readonly kind: 'logged'; readonly difference: LoggedDifference }
  | { readonly kind: 'snap' };

/**
 * Chooses the synchronisation (spec 4.5). A learner keeps its transactions only up to the last one that the leader's
 * history also contains. The leader searches its history for the learner's zxid, because a zxid between two of the
 * leader's zxids may be missing there (R-21 ZK-1154).
 *
 * @param peerZxid the last transaction in the learner's log
 * @param lastProcessed the leader's last applied zxid
 * @param fromLogs returns the transactions to send from the logs; undefined if a snapshot is better
 */
export function planSync(
  peerZxid: number,
  lastProcessed: number,
  log: CommittedLog,
  fromLogs: () => LoggedDifference | undefined,
): SyncPlan {
  const min = log.minZxid ?? lastProcessed;
  const max = log.maxZxid ?? lastProcessed;
  if (peerZxid === lastProcessed) return { kind: 'diff', zxid: peerZxid, from: log.length };
  // a learner that reports the first zxid of an epoch (counter 0) gets no TRUNC, because no log contains that zxid
  if (peerZxid > max && zxidCounter(peerZxid) !== 0) return { kind: 'trunc', zxid: max, from: log.length };
  if (peerZxid >= min && peerZxid <= max) return walk(peerZxid, max, log);
  // a learner that needs a whole snapshot reports the zxid 0
  if (peerZxid <= 0 || peerZxid > max) return { kind: 'snap' };
  if (peerZxid === log.baseZxid) return { kind: 'diff', zxid: log.maxZxid ?? peerZxid, from: 0 };
  const difference = log.length > 0 ? fromLogs() : undefined;
  return difference === undefined ? { kind: 'snap' } : { kind: 'logged', difference };
}

function walk(peerZxid: number, max: number, log: CommittedLog): SyncPlan {
  const isEpochStart = zxidCounter(peerZxid) === 0;
  for (let index = 0; index < log.length; index++) {
    const { zxid } = log.at(index);
    if (zxid < peerZxid) continue;
    if (zxid === peerZxid) return { kind: 'diff', zxid: max, from: index + 1 };
    if (isEpochStart) return { kind: 'diff', zxid: max, from: index };
    // if the epochs differ, the zxids alone do not show which transactions the learner must truncate
    if (zxidEpoch(zxid) !== zxidEpoch(peerZxid) || index === 0) return { kind: 'snap' };
    return { kind: 'trunc', zxid: log.at(index - 1).zxid, from: index };
  }
  return isEpochStart ? { kind: 'diff', zxid: max, from: log.length } : { kind: 'snap' };
}
