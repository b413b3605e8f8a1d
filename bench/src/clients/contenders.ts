/** The clients in the comparison, and the goals of nodekeeper's client against each. */
export const contenderNames = ['@nodekeeper/client', 'node-zookeeper-client', 'zookeeper'] as const;
export type ContenderName = (typeof contenderNames)[number];

interface Contender {
  name: ContenderName;
  /** A description for readers. */
  kind: string;
  /**
   * The goal: nodekeeper's client does this many times as many operations per second, and per second of the client's
   * CPU time.
   */
  goal?: number;
}

export const contenders: readonly Contender[] = [
  { name: '@nodekeeper/client', kind: 'this repository' },
  { name: 'node-zookeeper-client', kind: 'JavaScript', goal: 3 },
  { name: 'zookeeper', kind: 'native binding to the C client', goal: 1.5 },
];

/** A contender that is installed on this machine. */
export interface Installed {
  name: ContenderName;
  version: string;
  /** The file URL of the module that applications import. */
  entry: string;
  /** The folder of its package.json. */
  folder: string;
}

export interface Missing {
  name: ContenderName;
  /** Why it could not be installed. */
  reason: string;
}
