import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apacheCommand } from './apache.js';
import type { ServerKind } from './commands.js';
import { nodekeeperCommand } from './nodekeeper.js';
import { lastingPorts } from './ports.js';
import { fourLetterWord, type ServerProcess, spawnServer } from './running-server.js';
import { tail } from './tools.js';

export interface MemberOptions {
  kind: ServerKind;
  role?: 'participant' | 'observer';
}

export interface EnsembleOptions {
  /** Each member has a folder in this directory, named after the member's id. */
  directory: string;
  /** The members. Their ids are 1, 2, 3, ... in this order. */
  members: (ServerKind | MemberOptions)[];
  /** Additional zoo.cfg keys. They override the keys that `create` sets. */
  config?: Record<string, string>;
  /**
   * The ids of the members that must serve before the other members start. Without this list, the members that start
   * fastest may elect a leader among themselves.
   */
  startFirst?: number[];
  /** JVM options of the ZooKeeper servers. By default, heaps are small and the start is quick. */
  javaOptions?: string[];
  /** The program of the nodekeeper servers. By default, it is the one of this repository. */
  nodekeeperBin?: string;
}

/** JVM options for small heaps and a quick start, because several servers share one machine. */
const smallJava = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dfile.encoding=UTF-8'];
const patienceMs = 60_000;
const pollMs = 50;

/**
 * Waits until `condition` returns a value other than undefined and false. After `limitMs` it throws an error that
 * contains `what`.
 */
export async function until<Result>(
  what: string,
  condition: () => Promise<Result | undefined | false> | Result | undefined | false,
  limitMs: number = patienceMs,
): Promise<Result> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const result = await condition();
    if (result !== undefined && result !== false) return result;
    if (Date.now() > deadline) throw new Error(`waited ${limitMs / 1000} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/**
 * The digests in the reply to the four-letter word `hash`, by zxid. The server has a digest for every 128th zxid that
 * it has applied or replayed since its start.
 */
export async function digestLog(port: number): Promise<Map<string, string>> {
  const lines = (await fourLetterWord(port, 'hash')).trim().split('\n');
  return new Map(lines.filter((line) => line.includes(': ')).map((line) => line.split(': ') as [string, string]));
}

/**
 * True if all threads of the process are stopped. Also true on a system without /proc, where this cannot be checked.
 */
function standsStill(pid: number): boolean {
  const tasks = `/proc/${pid}/task`;
  if (!existsSync(tasks)) return true;
  return readdirSync(tasks).every((id) => /^\d+ \(.*\) T /s.test(readFileSync(join(tasks, id, 'stat'), 'utf8')));
}

/** One server of an ensemble. It keeps its directory and its ports when it is started as the other kind of server. */
export class Member {
  #process: ServerProcess | undefined;
  #isPaused = false;

  constructor(
    readonly id: number,
    readonly role: 'participant' | 'observer',
    /** The kind of server that was started last, or that will be started first. */
    public kind: ServerKind,
    readonly directory: string,
    readonly port: number,
    readonly serverLine: string,
    private readonly config: () => Record<string, string>,
    private readonly javaOptions: string[],
    private readonly nodekeeperBin: string | undefined,
  ) {}

  /** The server's name in error messages and reports. */
  get name(): string {
    return `server ${this.id} (${this.kind})`;
  }

  /** True while the process runs. */
  get isUp(): boolean {
    return this.#process !== undefined && this.#process.ending === undefined;
  }

  get pid(): number {
    return this.#process?.pid ?? -1;
  }

  /** Starts the process. Does not wait until the server serves. */
  async start(kind: ServerKind = this.kind): Promise<void> {
    if (this.isUp) throw new Error(`${this.name} runs already`);
    this.kind = kind;
    mkdirSync(this.directory, { recursive: true });
    writeFileSync(join(this.directory, 'myid'), `${this.id}\n`);
    const config = { ...this.config(), ...(this.role === 'observer' ? { peerType: 'observer' } : {}) };
    const command =
      kind === 'apache' ? await apacheCommand(this.javaOptions) : nodekeeperCommand([], this.nodekeeperBin);
    this.#process = spawnServer(command, { directory: this.directory, port: this.port, config });
  }

  /** Sends SIGTERM, also to a paused process, and waits for its end. */
  async stop(): Promise<void> {
    this.resume();
    await this.#process?.stop();
  }

  /** Sends SIGKILL, which ends even a paused process, and waits for its end. */
  async kill(): Promise<void> {
    this.#isPaused = false;
    await this.#process?.kill();
  }

  /**
   * Pauses the process with SIGSTOP. Data from other processes then waits in its sockets. Resolves when the last thread
   * has stopped.
   */
  async pause(): Promise<void> {
    this.#isPaused = true;
    process.kill(this.pid, 'SIGSTOP');
    await until(`${this.name} to be paused`, () => standsStill(this.pid));
  }

  resume(): void {
    if (this.#isPaused && this.isUp) process.kill(this.pid, 'SIGCONT');
    this.#isPaused = false;
  }

  /** Deletes the server's snapshots and logs, but not its myid. */
  wipe(): void {
    rmSync(join(this.directory, 'version-2'), { recursive: true, force: true });
  }

  /** What the process has logged since its last start. */
  log(): string {
    return this.#process?.log() ?? '';
  }

  /** `leader`, `follower` or `observer`. Undefined while the server does not serve. */
  async mode(): Promise<string | undefined> {
    return /^Mode: (\S+)/m.exec(await this.#status())?.[1];
  }

  /**
   * The zxid of the last transaction that the server has applied, according to `srvr`. Undefined while the server does
   * not serve.
   */
  async zxid(): Promise<string | undefined> {
    return /^Zxid: (\S+)/m.exec(await this.#status())?.[1];
  }

  async #status(): Promise<string> {
    return this.isUp && !this.#isPaused ? await fourLetterWord(this.port, 'srvr', 1_000).catch(() => '') : '';
  }

  async untilServing(): Promise<void> {
    await until(`${this.name} to serve`, async () => {
      const ending = this.#process?.ending;
      if (ending !== undefined) throw new Error(`${this.name} ended with ${ending}`);
      return await this.mode();
    });
  }
}

/** An ensemble on 127.0.0.1. Each server is either nodekeeper or Apache ZooKeeper. */
export class Ensemble {
  private constructor(readonly members: readonly Member[]) {}

  /** Makes an ensemble without starting its servers. */
  static async create(options: EnsembleOptions): Promise<Ensemble> {
    const ports = await lastingPorts(options.members.length * 3);
    const shared: Record<string, string> = {
      tickTime: '1000',
      initLimit: '20',
      syncLimit: '10',
      // without this limit, ZooKeeper servers may send no notification for up to a minute if an election starts before
      // all voters run
      'fastleader.maxNotificationInterval': '1000',
      maxSessionTimeout: '120000',
      // a small minimum, so that the sessions of test clients without pings expire soon
      minSessionTimeout: '1000',
      ...options.config,
    };
    const lines = () => Object.fromEntries(members.map(({ id, serverLine }) => [`server.${id}`, serverLine]));
    const members: Member[] = options.members.map((item, index) => {
      const { kind, role = 'participant' } = typeof item === 'string' ? { kind: item } : item;
      const [port, quorumPort, electionPort] = ports.slice(index * 3);
      const line = `127.0.0.1:${quorumPort}:${electionPort}:${role}`;
      const directory = join(options.directory, String(index + 1));
      const config = () => ({ ...shared, ...lines() });
      const { javaOptions = smallJava, nodekeeperBin } = options;
      return new Member(index + 1, role, kind, directory, port!, line, config, javaOptions, nodekeeperBin);
    });
    return new Ensemble(members);
  }

  member(id: number): Member {
    const member = this.members.find((item) => item.id === id);
    if (member === undefined) throw new Error(`no server ${id}`);
    return member;
  }

  /** The connect string with the addresses of all members. */
  get hosts(): string {
    return this.members.map(({ port }) => `127.0.0.1:${port}`).join(',');
  }

  get running(): readonly Member[] {
    return this.members.filter(({ isUp }) => isUp);
  }

  /** Starts those members in `ids` that do not run. Then waits until all running members serve. */
  async start(ids: readonly number[] = this.members.map(({ id }) => id)): Promise<void> {
    await Promise.all(this.members.filter(({ id, isUp }) => !isUp && ids.includes(id)).map((member) => member.start()));
    await this.untilServing();
  }

  async untilServing(): Promise<void> {
    await Promise.all(this.running.map((member) => member.untilServing()));
  }

  /** Waits until all running members have applied the same last transaction. No client may write at the same time. */
  async untilLevel(): Promise<void> {
    await until('all to have the same last transaction', async () => {
      const zxids = await Promise.all(this.running.map((member) => member.zxid()));
      return zxids[0] !== undefined && zxids.every((zxid) => zxid === zxids[0]);
    });
  }

  /** Waits until there is a leader, and returns it. */
  async leader(): Promise<Member> {
    return until('a leader', async () => {
      for (const member of this.running) if ((await member.mode()) === 'leader') return member;
      return undefined;
    });
  }

  async followers(): Promise<Member[]> {
    const leader = await this.leader();
    return this.running.filter((member) => member !== leader && member.role === 'participant');
  }

  /** Kills the processes of all members. */
  async destroy(): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
  }

  /** The last lines of each member's log. */
  logs(lines = 15): string {
    const quiet = (log: string) => log.replaceAll(/^.*Processing (srvr|hash|mntr) command.*\n/gm, '');
    return this.members
      .map((member) => `--- log of ${member.name}, port ${member.port}, ends:\n${tail(quiet(member.log()), lines)}`)
      .join('\n');
  }
}

/**
 * Starts an ensemble, waits until it serves, and runs `use` with it. If `use` fails, the error contains the end of each
 * member's log.
 */
export async function withEnsemble<Result>(
  options: EnsembleOptions,
  use: (ensemble: Ensemble) => Promise<Result>,
): Promise<Result> {
  const ensemble = await Ensemble.create(options);
  try {
    await ensemble.start(options.startFirst);
    if (options.startFirst !== undefined) await ensemble.start();
    return await use(ensemble);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${message}\n${ensemble.logs()}`, { cause: error });
  } finally {
    await ensemble.destroy();
  }
}
