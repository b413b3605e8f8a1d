/** The clients that the benchmark compares: nodekeeper's client and two others. */
export const contenderNames = ['@nodekeeper/client', 'node-zookeeper-client', 'zookeeper'] as const;
export type ContenderName = (typeof contenderNames)[number];

interface Contender {
  name: ContenderName;
  /** A short description of the client, for the report. */
  kind: string;
  /**
   * The throughput of nodekeeper's client must be at least this many times the throughput of this contender. The goal
   * applies to operations per second, and to operations per CPU second of the client.
   */
  goal?: number;
}

export const contenders: readonly Contender[] = [
  { name: '@nodekeeper/client', kind: 'this repository' },
  { name: 'node-zookeeper-client', kind: 'JavaScript', goal: 3 },
  { name: 'zookeeper', kind: 'native binding to the C client', goal: 1.5 },
];

/** A client of the comparison that is installed on this machine. */
export interface Installed {
  name: ContenderName;
  version: string;
  /** The file URL of the module that applications import. */
  entry: string;
  /** The folder that contains the package.json of the client. */
  folder: string;
}

export interface Missing {
  name: ContenderName;
  /** The reason why the client could not be installed. */
  reason: string;
}
