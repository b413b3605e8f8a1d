import type { Ensemble } from '../ensemble.js';
import type { Server } from '../servers/server.js';
import type { Fault } from './faults.js';
import { leaveLonelyProposal } from './lonely-proposal.js';

/** In this time, the other servers elect a leader, and that leader makes a proposal. */
const supersededMs = 1500;
/** How long the clients are cut off from the servers. */
const quietMs = 500;
/** The delay after which killed servers start again. */
const soonMs = 100;
/** After this time, a leader no longer keeps in memory the transactions that it sent to its first learners. */
const forgottenMs = 1000;

/**
 * A leader logs a proposal that no other server has, and dies. When the leader starts again, it gets a snapshot from
 * the next leader. So its logs have a hole after that proposal. Then it leads again, and a learner joins that was down
 * all the time. The learner's history ends before the proposal (R-21, Z-10).
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
    // cuts off the clients, so that the next leader proposes nothing while the first leader joins; the first leader
    // then has the snapshot and no proposals of that epoch
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
