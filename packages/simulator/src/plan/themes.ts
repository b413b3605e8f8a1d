import { below } from '@nodekeeper/server/testing';
import { type ClientSetting, patientClient } from '../clients/setting.js';
import { type Fault, type FaultKind, faultRow } from './faults.js';

/** The limits of the history that servers keep. */
export interface Limits {
  readonly snapCount: number;
  /**
   * The number of transactions that a leader keeps in memory. It is smaller than ZooKeeper allows, so that learners
   * soon need transactions that are no longer in memory.
   */
  readonly commitLogCount: number;
  /** If the factor is negative, learners get nothing from the logs. */
  readonly snapshotSizeFactor: number;
}

/** Settings for a run with one scenario that random faults would seldom complete. */
interface Theme {
  /** On average, one run in this many has the theme. */
  readonly oneIn: number;
  readonly serverCount: number;
  faults(random: () => number): Fault[];
  /** Returns the clients of the run. They replace the clients that were drawn at random. */
  clients?(random: () => number, drawn: ClientSetting[]): ClientSetting[];
  /** Returns the start times of the servers. They replace the times that were drawn at random. */
  startsMs?(random: () => number, drawn: number[]): number[];
  readonly limits?: Partial<Limits>;
  /** The minimum duration of a run with this theme. */
  readonly durationMsMin?: number;
}

function draw(random: () => number, id: number, kind: FaultKind, when: Pick<Fault, 'ms' | 'moment' | 'nth'>): Fault {
  const durationMs = random() * faultRow(kind).longestMs;
  return { id, kind, target: 'leader', durationMs, draw: random(), ...when };
}

const themes: readonly Theme[] = [
  // only a leader and one follower have the latest proposal; the follower had no history, so it got the proposal
  // in a snapshot
  {
    oneIn: 20,
    serverCount: 5,
    faults: (random) => [
      draw(random, 0, 'abandonedSynchronisation', {
        ms: 1500 + random() * 1500,
        moment: 'committed',
        nth: 1 + below(random, 5),
      }),
    ],
    startsMs: (random, drawn) => {
      const late = below(random, drawn.length);
      return drawn.map((_, index) => (index === late ? Number.POSITIVE_INFINITY : 0));
    },
  },
  // C-1: a leader is paused, replaced, and resumed while clients still send it requests
  {
    oneIn: 20,
    serverCount: 3,
    faults: (random) =>
      [1000, 4000].map((ms, id) =>
        draw(random, id, 'pauseOfLeader', { ms: ms + random() * 2000, moment: undefined, nth: 1 }),
      ),
    clients: (_, drawn) => [...drawn.slice(0, 2), patientClient('patient1'), patientClient('patient2')],
    startsMs: (_, drawn) => drawn.map(() => 0),
  },
  // R-21, Z-10: a server's logs have a hole, and a learner has only the history before the hole
  {
    oneIn: 20,
    serverCount: 5,
    faults: (random) => [
      draw(random, 0, 'holeInTheLogs', { ms: 1000 + random() * 1000, moment: 'committed', nth: 1 + below(random, 5) }),
    ],
    startsMs: (_, drawn) => drawn.map(() => 0),
    limits: { snapCount: 1000, commitLogCount: 5, snapshotSizeFactor: 0.33 },
    durationMsMin: 9000,
  },
  // Z-20, Z-21: a member is down, and a stranger uses its id. The stranger attacks the leader, and later the last
  // server that is left.
  {
    oneIn: 20,
    serverCount: 3,
    faults: (random) => {
      const speaks = (ms: number, id: number) => draw(random, id, 'stranger', { ms, moment: undefined, nth: 1 });
      const at = { moment: undefined, nth: 1 };
      return [
        { ...draw(random, 0, 'longAbsence', { ms: 800, ...at }), durationMs: 6000 },
        ...[1500, 2200, 2900].map((ms, index) => speaks(ms, index + 1)),
        { ...draw(random, 4, 'kill', { ms: 4300, ...at }), durationMs: 2000 },
        ...[4600, 5000, 5400, 5800].map((ms, index) => speaks(ms, index + 5)),
      ];
    },
    startsMs: (_, drawn) => drawn.map(() => 0),
    durationMsMin: 8000,
  },
];

/** The theme of a run. Most runs have none. */
export function drawTheme(random: () => number): Theme | undefined {
  return themes.find(({ oneIn }) => random() < 1 / oneIn);
}
