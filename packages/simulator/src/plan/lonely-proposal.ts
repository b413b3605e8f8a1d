import type { Ensemble } from '../ensemble.js';
import type { Server } from '../servers/server.js';

/** A proposal gets as far as the log of the leader. */
const lonelyMs = 60;

/** The leader logs what nobody else gets to see, since the links to the others are cut; then `end` has to end it. */
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
