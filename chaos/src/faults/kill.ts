import type { Member } from '../ensemble/member.js';
import { sleep } from '../time.js';
import { type Fault, type FaultKind, freeLeader, named, type Scene } from './fault.js';

const group = 'kill';

export const killFaults: readonly FaultKind[] = [
  { group, weight: 4, lastsMs: [200, 6_000], make: (scene) => kill([scene.random.pick(scene.free)], '') },
  {
    group,
    weight: 5,
    lastsMs: [0, 4_000],
    make: (scene) => {
      const leader = freeLeader(scene);
      return leader && kill([leader], ', the leader');
    },
  },
  {
    group,
    weight: 2,
    lastsMs: [0, 3_000],
    make: (scene) => {
      const { random, free, ensemble } = scene;
      return free.length < ensemble.majority ? undefined : kill(random.sample(free, ensemble.majority), ', a majority');
    },
  },
  {
    group,
    weight: 2,
    lastsMs: [0, 2_000],
    make: ({ free, ensemble }) => (free.length < ensemble.members.length ? undefined : kill(free, ', all')),
  },
  { group, weight: 2, lastsMs: [500, 3_000], make: killWhileStarting },
  { group, weight: 2, lastsMs: [0, 1_000], make: restartOneByOne },
];

function kill(members: readonly Member[], which: string): Fault {
  return {
    what: `kill -9 ${named(members)}${which}`,
    members,
    async begin() {
      await Promise.all(members.map((member) => member.kill()));
    },
    end() {
      for (const member of members) member.start();
      return undefined;
    },
  };
}

/** Kills the server several times, each time at a random moment while it starts. */
function killWhileStarting({ random, free }: Scene): Fault {
  const member = random.pick(free);
  const pauses = Array.from({ length: random.between(2, 4) }, () => random.between(50, 1_200));
  return {
    what: `kill -9 ${named([member])} ${pauses.length + 1} times, ${pauses.join(', ')} ms after its starts`,
    members: [member],
    async begin() {
      await member.kill();
      for (const ms of pauses) {
        member.start();
        await sleep(ms);
        await member.kill();
      }
    },
    end() {
      member.start();
      return undefined;
    },
  };
}

function restartOneByOne({ free, ensemble, random }: Scene): Fault | undefined {
  if (free.length < ensemble.members.length) return undefined;
  const members = random.sample(free, free.length);
  const waitMs = random.between(500, 2_500);
  const late: Member[] = [];
  return {
    what: `SIGTERM and restart of ${members.map(({ id }) => id).join(', then ')}, ${waitMs} ms apart`,
    members,
    async begin() {
      for (const member of members) {
        if (!(await member.stop())) late.push(member);
        member.start();
        await sleep(waitMs);
      }
    },
    end: () => (late.length === 0 ? undefined : `${named(late)} did not end within 10 s of SIGTERM`),
  };
}
