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

/** Matches what a server logs when it cannot write to its disk: one line that names the failed operation. */
const complaint = /cannot be written|cannot start|ENOSPC|EFBIG/;

/**
 * Fills the disk. If the server then ends, it must log the reason. When the fault ends, the disk has space and the
 * server starts again.
 */
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
      // a server that still runs has had enough time to react to the full disk
      if (!hasEnded) await member.kill();
      member.freeDisk();
      await sleep(100);
      member.start();
      return hasEnded && !complaint.test(said)
        ? `${named([member])} ended without logging that its disk is full`
        : undefined;
    },
  };
}
