import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Member } from './member.js';
import { clients, Network, type Party } from './network.js';
import { serverPorts } from './ports.js';
import type { Space, SpaceKind } from './space.js';

/**
 * A follower leaves a silent leader after 2 s (4 ticks of 500 ms). Clients wait longer than 2 s for a reply and stay
 * with the silent leader, so two leaders can exist for a while. A busy machine delays a leader by less than 2 s, so the
 * delay alone causes no election.
 */
const timing = { tickTime: '500', initLimit: '20', syncLimit: '4' };
/** Small values, so that servers soon start new logs, write and send snapshots, and fill their disks. */
const sizes = { preAllocSize: '64', snapCount: '600' };

interface EnsembleOptions {
  readonly size: number;
  readonly directory: string;
  readonly spaceKind: SpaceKind;
  readonly endedByItself: (member: Member, how: string) => void;
}

/**
 * Servers on 127.0.0.1. The connections between servers, and those from clients to servers, pass through a network that
 * can fail.
 */
export class Ensemble {
  readonly members: Member[] = [];
  readonly network = new Network();
  /** The address of each server for clients: `host:port` of a listener of `network`, not of the server itself. */
  hosts: readonly string[] = [];
  readonly #options: EnsembleOptions;
  readonly #spaces = new Map<Member, { readonly space: Space; readonly directory: string }>();

  private constructor(options: EnsembleOptions) {
    this.#options = options;
  }

  static async make(options: EnsembleOptions): Promise<Ensemble> {
    const ensemble = new Ensemble(options);
    await ensemble.#lay();
    return ensemble;
  }

  get ids(): number[] {
    return this.members.map(({ id }) => id);
  }

  get majority(): number {
    return Math.floor(this.members.length / 2) + 1;
  }

  async #lay(): Promise<void> {
    const { size } = this.#options;
    const ports = await serverPorts(size * 3 + size * (size - 1) * 2 + size);
    const next = () => ports.pop()!;
    const own = Array.from({ length: size }, () => ({ client: next(), quorum: next(), election: next() }));
    const way = (from: Party, to: Party, targetPort: number) => {
      const port = next();
      this.network.open(from, to, port, targetPort);
      return port;
    };
    own.forEach(({ client }, index) => {
      const id = index + 1;
      // the server listens on its own ports, and reaches each other server through a port of the network
      const servers = own.map(({ quorum, election }, otherIndex) => {
        const other = otherIndex + 1;
        const isItself = other === id;
        const quorumPort = isItself ? quorum : way(id, other, quorum);
        const electionPort = isItself ? election : way(id, other, election);
        return [`server.${other}`, `127.0.0.1:${quorumPort}:${electionPort}`] as const;
      });
      this.#configure(this.#member(id, client), Object.fromEntries(servers));
    });
    this.hosts = own.map(({ client }, index) => `127.0.0.1:${way(clients, index + 1, client)}`);
  }

  #member(id: number, clientPort: number): Member {
    const { directory: root, spaceKind, endedByItself } = this.#options;
    const directory = join(root, `server-${id}`);
    const dataDirectory = join(directory, 'data');
    mkdirSync(directory, { recursive: true });
    const space = spaceKind.make(dataDirectory);
    const upOrDown = (isUp: boolean) => this.network.setUp(id, isUp);
    const member = new Member({ id, directory, space, clientPort, endedByItself, upOrDown });
    this.#spaces.set(member, { space, directory: dataDirectory });
    this.members.push(member);
    return member;
  }

  #configure(member: Member, servers: Readonly<Record<string, string>>): void {
    const { directory } = this.#spaces.get(member)!;
    writeFileSync(join(directory, 'myid'), `${member.id}\n`);
    member.configure({
      ...timing,
      ...sizes,
      dataDir: directory,
      clientPort: String(member.clientPort),
      clientPortAddress: '127.0.0.1',
      maxClientCnxns: '0',
      'admin.enableServer': 'false',
      '4lw.commands.whitelist': '*',
      ...servers,
    });
  }

  start(): void {
    for (const member of this.members) member.start();
  }

  /** The current leader. Undefined if there is none. */
  async leader(): Promise<Member | undefined> {
    const modes = await Promise.all(this.members.map((member) => member.mode()));
    return this.members.find((_, index) => modes[index] === 'leader');
  }

  /** Ends all faults, and starts the servers that do not run. */
  heal(): void {
    this.network.heal();
    for (const member of this.members) {
      if (member.isPaused) member.goOn();
      if (member.isFull) member.freeDisk();
      member.start();
    }
  }

  /**
   * Kills all servers and releases their disk space. With `keepData` it first copies the data of each server into the
   * folder `kept-data` of the server's directory.
   */
  async end(keepData: boolean): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
    this.network.close();
    for (const [member, { space, directory }] of this.#spaces) {
      if (keepData) cpSync(directory, join(member.directory, 'kept-data'), { recursive: true });
      space.release();
    }
  }
}
