/** What happens inside servers, by name: faults can wait for it, traces tell of it. */
export const moments = [
  'proposed',
  'logged',
  'committed',
  'leading',
  'synchronising',
  'received snapshot',
  'truncated',
  'persisting',
  'persisted',
  'serving',
  'term over',
  'snapshot sent',
  'session opened',
  'NEWLEADER sent',
  'UPTODATE sent',
  'ACKEPOCH sent',
  'NEWLEADER acknowledged',
  'epoch written',
] as const;

export type Moment = (typeof moments)[number];

export const synchronisation: readonly Moment[] = [
  'ACKEPOCH sent',
  'synchronising',
  'received snapshot',
  'truncated',
  'persisting',
  'persisted',
  'epoch written',
  'snapshot sent',
  'NEWLEADER sent',
  'NEWLEADER acknowledged',
];
