import { zxidHex } from '@nodekeeper/protocol';
import type { ConnectedLearner, LearnerStage } from './learner-master.js';
import { encodePacket, PacketType } from './packets.js';
import type { LeaderReport } from './replica.js';

/** The learners that are connected to this leader. */
export class Learners {
  readonly #all = new Set<ConnectedLearner>();

  add(learner: ConnectedLearner): void {
    this.#all.add(learner);
  }

  delete(learner: ConnectedLearner): void {
    this.#all.delete(learner);
  }

  *inStage(stage: LearnerStage): Iterable<ConnectedLearner> {
    for (const learner of this.#all) if (learner.stage === stage) yield learner;
  }

  /** True if a learner with this server id has sent something since `sinceMs`. */
  isInTouch(serverId: number, sinceMs: number): boolean {
    for (const learner of this.#all) if (learner.serverId === serverId && learner.lastHeardMs >= sinceMs) return true;
    return false;
  }

  /** Closes every other connection of the server that `learner` belongs to. */
  closeOthersOf(learner: ConnectedLearner): void {
    for (const other of this.#all) {
      if (other !== learner && other.serverId === learner.serverId) other.close('it connected again');
    }
  }

  closeAll(reason: string): void {
    for (const learner of [...this.#all]) learner.close(reason);
  }

  /**
   * Closes connections of learners that have sent nothing for too long. Also closes connections of serving learners
   * that take too long to log a proposal.
   */
  closeOverdue(nowMs: number, initLimitMs: number, syncLimitMs: number): void {
    for (const learner of [...this.#all]) {
      const { stage, lastHeardMs, owed } = learner;
      const limitMs = stage === 'serving' ? syncLimitMs : initLimitMs;
      if (nowMs - lastHeardMs > limitMs) learner.close(`it has sent nothing for ${limitMs} ms`);
      else if (stage === 'serving' && nowMs - owed.sinceMs > limitMs) {
        learner.close(
          `it has not acknowledged ${zxidHex(owed.zxid!)} for ${limitMs} ms (syncLimit): its disk may hang, or be too slow`,
        );
      }
    }
  }

  propose(zxid: number, bytes: Buffer, nowMs: number): void {
    const packet = encodePacket(PacketType.proposal, zxid, bytes);
    for (const learner of this.#all) {
      if (learner.isForwardedTo && !learner.isObserver) learner.propose(zxid, packet, nowMs);
    }
  }

  /** Sends COMMIT to followers, and INFORM to observers. INFORM contains both the proposal and its commit. */
  commit(zxid: number, bytes: Buffer): void {
    let inform: Buffer | undefined;
    const commit = encodePacket(PacketType.commit, zxid);
    for (const learner of this.#all) {
      if (!learner.isForwardedTo) continue;
      if (learner.isObserver) learner.send((inform ??= encodePacket(PacketType.inform, zxid, bytes)));
      else learner.send(commit);
    }
  }

  counts(isVoter: (serverId: number) => boolean): Omit<LeaderReport, 'pendingSyncs'> {
    const forwardedTo = [...this.#all].filter(({ isForwardedTo }) => isForwardedTo);
    const followers = forwardedTo.filter(({ isObserver }) => !isObserver);
    return {
      learners: this.#all.size,
      syncedFollowers: followers.length,
      syncedNonVotingFollowers: followers.filter(({ serverId }) => !isVoter(serverId)).length,
      syncedObservers: forwardedTo.length - followers.length,
    };
  }
}
