/** The clients that the benchmark compares: nodekeeper's client and two others. */
export const contenderNames = ['@nodekeeper/client', 'node-zookeeper-client', 'zookeeper'] as const;
export type ContenderName = (typeof contenderNames)[number];

interface Contender {
  name: ContenderName;
  /** A short description of the client, for the report. */
  kind: string;
  /**
   * The goal of nodekeeper's client: its throughput must be at least this many times the throughput of this client.
   * The goal applies to operations per second, and also to operations per second of the client's CPU time.
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
