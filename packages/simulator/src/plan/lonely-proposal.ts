import type { Ensemble } from '../ensemble.js';
import type { Server } from '../servers/server.js';

/** How long the links of the leader are cut. In this time, a proposal reaches the log of the leader. */
const lonelyMs = 60;

/**
 * Cuts the links of the leader, so that it logs a proposal that no other server receives. Then calls `end`, which must
 * stop the leader.
 */
export function leaveLonelyProposal(
  ensemble: Ensemble,
  leader: Server,
  others: readonly { readonly name: string }[],
  end: () => void,
): void {
  for (const { name } of others) ensemble.network.cut(leader.name, name, lonelyMs);
  leader.process.post(lonelyMs - 10, () => {
    for (const { name } of others) ensemble.network.lose(leader.name, name);
    end();
  });
}
