import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join, resolve } from 'node:path';
import { readText } from '../ports/node/regular-file.js';

export const localHost = '127.0.0.1';
/**
 * Offsets from the client port. ZooKeeper's usual ports are 2181 for clients, 2888 for the quorum and 3888 for
 * elections.
 */
const quorumPortOffset = 2888 - 2181;
const electionPortOffset = 3888 - 2181;
const highestPort = 65_535;
const mark = '# Written by nodekeeper ensemble at each of its starts.';

/** The ports and the directory of one server, in an ensemble that runs on this machine. */
export interface MemberPlan {
  readonly id: number;
  readonly clientPort: number;
  readonly quorumPort: number;
  readonly electionPort: number;
  /** Absolute path of the directory that contains zoo.cfg, myid and the data. */
  readonly directory: string;
}

/** Thrown if a requested port is not available. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

/**
 * Chooses consecutive client ports from `firstPort` on, or any free ports if `firstPort` is 0. The quorum port is 707
 * and the election port 1707 above the client port. A quorum or election port that is taken is replaced by any free
 * port.
 */
export async function planMembers(size: number, firstPort: number, directory: string): Promise<MemberPlan[]> {
  const held: Server[] = [];
  const hold = async (wanted: number) => {
    const server = wanted <= highestPort ? await tryListen(wanted) : undefined;
    if (server !== undefined) held.push(server);
    return server === undefined ? undefined : (server.address() as { port: number }).port;
  };
  try {
    const plans: MemberPlan[] = [];
    for (let index = 0; index < size; index++) {
      const wanted = firstPort === 0 ? 0 : firstPort + index;
      const clientPort = await hold(wanted);
      if (clientPort === undefined) {
        throw new PortTakenError(
          `port ${wanted} is not available. Stop the process that listens on it, or choose another --port`,
        );
      }
      const quorumPort = (await hold(clientPort + quorumPortOffset)) ?? (await hold(0))!;
      const electionPort = (await hold(clientPort + electionPortOffset)) ?? (await hold(0))!;
      const id = index + 1;
      plans.push({ id, clientPort, quorumPort, electionPort, directory: resolve(directory, String(id)) });
    }
    return plans;
  } finally {
    // all ports stay bound until the last one is found, so that no port is chosen twice
    await Promise.all(held.map((server) => new Promise((closed) => server.close(closed))));
  }
}

function tryListen(port: number): Promise<Server | undefined> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(undefined));
    server.listen(port, localHost, () => done(server));
  });
}

/** Writes zoo.cfg and myid of a member. Throws if a zoo.cfg exists that this command did not write. */
export function writeMemberFiles(member: MemberPlan, all: readonly MemberPlan[]): void {
  const file = configFile(member);
  if (existsSync(file) && !readText(file).startsWith(mark)) {
    throw new Error(`nodekeeper ensemble did not write ${file}. Choose another --dir`);
  }
  mkdirSync(member.directory, { recursive: true });
  writeFileSync(join(member.directory, 'myid'), `${member.id}\n`);
  writeFileSync(file, configText(member, all));
}

export function configFile({ directory }: MemberPlan): string {
  return join(directory, 'zoo.cfg');
}

function configText({ directory, clientPort }: MemberPlan, all: readonly MemberPlan[]): string {
  const servers = all.map(({ id, quorumPort, electionPort }) => {
    return `server.${id}=${localHost}:${quorumPort}:${electionPort}`;
  });
  const lines = [
    mark,
    'tickTime=2000',
    'initLimit=10',
    'syncLimit=5',
    `dataDir=${directory}`,
    `clientPort=${clientPort}`,
    `clientPortAddress=${localHost}`,
    '4lw.commands.whitelist=*',
    ...servers,
  ];
  return `${lines.join('\n')}\n`;
}
