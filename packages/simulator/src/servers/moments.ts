/** Named events inside servers. Faults can wait for them, and traces show them. */
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
