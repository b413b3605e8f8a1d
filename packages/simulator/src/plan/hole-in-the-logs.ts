import type { Ensemble } from '../ensemble.js';
import type { Server } from '../servers/server.js';
import type { Fault } from './faults.js';
import { leaveLonelyProposal } from './lonely-proposal.js';

/** The time until the others have another leader, and it has proposed something. */
const supersededMs = 1500;
/** For this long, clients reach no server. */
const quietMs = 500;
/** The delay until killed servers are back. */
const soonMs = 100;
/** The time until the leader has forgotten what its first learners lacked. */
const forgottenMs = 1000;

/**
 * A leader dies with a proposal that no other server has. When it comes back, the next leader sends it a snapshot, so
 * its logs have a hole after that proposal. Then it leads again, and a learner joins that was down all the time and has
 * the history before the proposal (R-21, Z-10).
 */
export function leaveHole(ensemble: Ensemble, server: Server, { durationMs }: Fault): void {
  const { voters } = ensemble;
  const leader = voters.find((each) => each.isLeading) ?? server;
  const others = voters.filter((each) => each !== leader);
  const [latecomer] = others;
  if (latecomer === undefined) return;
  const bystanders = others.filter((each) => each !== latecomer);
  leaveLonelyProposal(ensemble, leader, others, () => {
    ensemble.returnsAfter(latecomer, Number.POSITIVE_INFINITY);
    latecomer.kill();
    ensemble.returnsAfter(leader, supersededMs + durationMs);
    leader.kill();
    // there are no proposals when it joins, so that the snapshot is all that it gets of that epoch
    ensemble.world.after(supersededMs + durationMs - quietMs / 2, () => {
      if (ensemble.isHealed) return;
      for (const client of ensemble.clients) {
        for (const { name } of bystanders) ensemble.network.cut(client.name, name, quietMs);
      }
    });
    ensemble.whenNext(leader, 'persisted', () => {
      for (const each of bystanders) {
        ensemble.returnsAfter(each, soonMs);
        each.kill();
      }
      ensemble.whenNext(leader, 'leading', () => ensemble.world.after(forgottenMs, () => latecomer.start()));
    });
  });
}
