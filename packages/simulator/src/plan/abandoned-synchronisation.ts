import type { Ensemble } from '../ensemble.js';
import type { Server } from '../servers/server.js';
import type { Fault } from './faults.js';
import { leaveLonelyProposal } from './lonely-proposal.js';

/** The delay after which killed servers start again. */
const soonMs = 100;

/**
 * A leader starts again with a proposal that no other server has, and sends the proposal to one follower. Both die
 * before a quorum has the proposal, and the other servers continue without it. Then every copy of the proposal must be
 * removed, including copies in snapshots. With fewer than five voters the proposal stays, because every quorum
 * contains a server with the proposal.
 */
export function abandonSynchronisation(ensemble: Ensemble, server: Server, { durationMs }: Fault): void {
  const { voters } = ensemble;
  const leader = voters.find((each) => each.isLeading) ?? server;
  const others = voters.filter((each) => each !== leader);
  // prefers a follower without any history, because the leader sends it a snapshot
  const first = others.find(({ crashes, state }) => crashes === 0 && state === 'down') ?? others[0];
  if (first === undefined) return;
  const bystanders = others.filter((each) => each !== first);
  const promising = bystanders.slice(0, Math.floor(voters.length / 2) - 1);
  leaveLonelyProposal(ensemble, leader, others, () => {
    for (const each of [leader, ...promising]) ensemble.returnsAfter(each, soonMs);
    for (const each of bystanders) {
      if (!promising.includes(each)) ensemble.returnsAfter(each, durationMs);
      each.kill();
    }
    leader.kill();
    ensemble.world.after(soonMs, () => first.start());
    for (const each of promising) {
      ensemble.whenNext(each, 'synchronising', () => {
        ensemble.returnsAfter(each, durationMs);
        each.powerFails();
      });
    }
    ensemble.whenNext(first, 'persisted', () => {
      for (const each of [leader, first]) {
        ensemble.returnsAfter(each, durationMs * 3);
        each.kill();
      }
      // `first` starts before the next leader has proposed anything, so only the zxids show which transactions `first`
      // must remove
      for (const each of bystanders) ensemble.whenNext(each, 'leading', () => first.start());
    });
  });
}
