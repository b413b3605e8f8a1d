import type { Member } from '../ensemble/member.js';
import { sleep } from '../time.js';
import { type Fault, type FaultKind, freeLeader, named } from './fault.js';

const group = 'disk';

export const diskFaults: readonly FaultKind[] = [
  { group, weight: 2, lastsMs: [2_000, 8_000], make: ({ random, free }) => fill(random.pick(free), '') },
  {
    group,
    weight: 2,
    lastsMs: [2_000, 8_000],
    make: (scene) => {
      const leader = freeLeader(scene);
      return leader && fill(leader, ', the leader');
    },
  },
];

/** What a server says that can't go on writing: one line with what failed. */
const complaint = /cannot be written|cannot start|ENOSPC|EFBIG/;

/** There is no space left: the server ends, or refuses to go on, and says why. With space, it starts again. */
function fill(member: Member, which: string): Fault {
  let logLength = 0;
  return {
    what: `full disk of ${named([member])}${which}`,
    members: [member],
    begin() {
      logLength = member.log().length;
      member.fillDisk();
    },
    async end() {
      const hasEnded = !member.isRunning;
      const said = member.log().slice(logLength);
      // whatever it does because of it is under way by now
      if (!hasEnded) await member.kill();
      member.freeDisk();
      await sleep(100);
      member.start();
      return hasEnded && !complaint.test(said)
        ? `${named([member])} ended without saying that its disk is full`
        : undefined;
    },
  };
}
