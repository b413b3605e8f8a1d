import type { Ensemble } from '../ensemble.js';
import type { Server } from '../servers/server.js';

/** The time in which a proposal reaches the log of the leader. */
const lonelyMs = 60;

/**
 * The leader logs a proposal that no other server receives, because its links are cut. Then `end` must stop the leader.
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
