import { below } from '@nodekeeper/server/testing';
import { type ClientSetting, patientClient } from '../clients/setting.js';
import { type Fault, type FaultKind, faultTable } from './faults.js';

/** How much servers keep. */
export interface Limits {
  readonly snapCount: number;
  /** Less than Apache allows: what learners lack is soon no longer in the leader's memory. */
  readonly commitLogCount: number;
  /** Negative: learners are sent nothing from the logs. */
  readonly snapshotSizeFactor: number;
}

/** What a run is made of when it is about one story, which chance alone would seldom tell to its end. */
interface Theme {
  /** One run in so many. */
  readonly oneIn: number;
  readonly serverCount: number;
  faults(random: () => number): Fault[];
  /** What becomes of clients and starts that were drawn. */
  clients?(random: () => number, drawn: ClientSetting[]): ClientSetting[];
  startsMs?(random: () => number, drawn: number[]): number[];
  readonly limits?: Partial<Limits>;
  /** The story takes so long. */
  readonly durationMsMin?: number;
}

function draw(random: () => number, id: number, kind: FaultKind, when: Pick<Fault, 'ms' | 'moment' | 'nth'>): Fault {
  const durationMs = random() * faultTable[kind].longestMs;
  return { id, kind, target: 'leader', durationMs, draw: random(), ...when };
}

const themes: readonly Theme[] = [
  // history that only a leader and the first of its followers have; that one was never there before
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
  // C-1: a leader that stands still, is replaced, and goes on, while somebody goes on asking it
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
  // R-21, Z-10: logs with a hole, and a learner from before it
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
  // Z-20, Z-21: a member is away, and somebody speaks in its name, to the leader and to the one that is left at last
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

/** The theme of a run; most have none. */
export function drawTheme(random: () => number): Theme | undefined {
  return themes.find(({ oneIn }) => random() < 1 / oneIn);
}
