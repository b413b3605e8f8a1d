import type { Member } from '../ensemble/member.js';
import { type Fault, type FaultKind, freeLeader, named } from './fault.js';

const group = 'pause';

export const pauseFaults: readonly FaultKind[] = [
  { group, weight: 3, lastsMs: [300, 8_000], make: ({ random, free }) => pause([random.pick(free)], '') },
  {
    group,
    weight: 4,
    lastsMs: [1_000, 6_000],
    make: (scene) => {
      const leader = freeLeader(scene);
      return leader && pause([leader], ', the leader');
    },
  },
  {
    group,
    weight: 2,
    lastsMs: [300, 6_000],
    make: ({ random, free, ensemble: { majority } }) =>
      free.length < majority ? undefined : pause(random.sample(free, majority), ', a majority'),
  },
];

/**
 * Pauses the processes. Their connections remain open. When the processes continue, the ensemble may have another
 * leader.
 */
function pause(members: readonly Member[], which: string): Fault {
  return {
    what: `SIGSTOP ${named(members)}${which}`,
    members,
    begin() {
      for (const member of members) member.pause();
    },
    end() {
      for (const member of members) member.goOn();
      return undefined;
    },
  };
}
