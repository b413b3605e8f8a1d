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
  /** Each member gets a folder in it, named after its id. */
  directory: string;
  /** The ids are 1, 2, 3, ... in this order. */
  members: (ServerKind | MemberOptions)[];
  /** Additional zoo.cfg keys, which override the defaults here. */
  config?: Record<string, string>;
  /**
   * The members that must serve before the others start. Without it the fastest ones may elect a leader among
   * themselves.
   */
  startFirst?: number[];
  /** For ZooKeeper servers. Default: small heaps and a quick start. */
  javaOptions?: string[];
  /** For nodekeeper servers. Default: the one of this repository. */
  nodekeeperBin?: string;
}

/** Small heaps and a quick start, because several of these share one machine. */
const smallJava = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dfile.encoding=UTF-8'];
const patienceMs = 60_000;
const pollMs = 50;

/** Waits until `condition` returns something. Throws with `what` after a minute. */
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

/** The `hash` word: digests by zxid, for every 128th zxid that the server has applied or replayed since its start. */
export async function digestLog(port: number): Promise<Map<string, string>> {
  const lines = (await fourLetterWord(port, 'hash')).trim().split('\n');
  return new Map(lines.filter((line) => line.includes(': ')).map((line) => line.split(': ') as [string, string]));
}

/** True if all threads of a process are stopped, or if the system does not tell. */
function standsStill(pid: number): boolean {
  const tasks = `/proc/${pid}/task`;
  if (!existsSync(tasks)) return true;
  return readdirSync(tasks).every((id) => /^\d+ \(.*\) T /s.test(readFileSync(join(tasks, id, 'stat'), 'utf8')));
}

/** One server of an ensemble. It keeps its directory and its ports, whichever kind of server runs there. */
export class Member {
  #process: ServerProcess | undefined;
  #isPaused = false;

  constructor(
    readonly id: number,
    readonly role: 'participant' | 'observer',
    /** The kind of the last start, or of the next one. */
    public kind: ServerKind,
    readonly directory: string,
    readonly port: number,
    readonly serverLine: string,
    private readonly config: () => Record<string, string>,
    private readonly javaOptions: string[],
    private readonly nodekeeperBin: string | undefined,
  ) {}

  /** The name in messages. */
  get name(): string {
    return `server ${this.id} (${this.kind})`;
  }

  /** True if a process runs. */
  get isUp(): boolean {
    return this.#process !== undefined && this.#process.ending === undefined;
  }

  get pid(): number {
    return this.#process?.pid ?? -1;
  }

  /** Starts the process without waiting until it serves. */
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

  /** Sends SIGTERM. */
  async stop(): Promise<void> {
    this.resume();
    await this.#process?.stop();
  }

  /** Sends SIGKILL, which ends a paused process too. */
  async kill(): Promise<void> {
    this.#isPaused = false;
    await this.#process?.kill();
  }

  /** Sends SIGSTOP: the process is paused, and its input waits. Resolves when its last thread has stopped. */
  async pause(): Promise<void> {
    this.#isPaused = true;
    process.kill(this.pid, 'SIGSTOP');
    await until(`${this.name} to be paused`, () => standsStill(this.pid));
  }

  resume(): void {
    if (this.#isPaused && this.isUp) process.kill(this.pid, 'SIGCONT');
    this.#isPaused = false;
  }

  /** Deletes the database and keeps myid. */
  wipe(): void {
    rmSync(join(this.directory, 'version-2'), { recursive: true, force: true });
  }

  /** The log of the last start. */
  log(): string {
    return this.#process?.log() ?? '';
  }

  /** `leader`, `follower` or `observer`. Undefined while it does not serve. */
  async mode(): Promise<string | undefined> {
    return /^Mode: (\S+)/m.exec(await this.#status())?.[1];
  }

  /** The last applied transaction according to `srvr`. Undefined while it does not serve. */
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

/** Servers of either kind that form one ensemble on 127.0.0.1. */
export class Ensemble {
  private constructor(readonly members: readonly Member[]) {}

  /** Does not start the servers. */
  static async create(options: EnsembleOptions): Promise<Ensemble> {
    const ports = await lastingPorts(options.members.length * 3);
    const shared: Record<string, string> = {
      tickTime: '1000',
      initLimit: '20',
      syncLimit: '10',
      // if an election starts without the others, ZooKeeper servers may otherwise send no notification for up to a
      // minute
      'fastleader.maxNotificationInterval': '1000',
      maxSessionTimeout: '120000',
      // for test clients that never ping
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

  /** The connect string of all members. */
  get hosts(): string {
    return this.members.map(({ port }) => `127.0.0.1:${port}`).join(',');
  }

  get running(): readonly Member[] {
    return this.members.filter(({ isUp }) => isUp);
  }

  /** Starts the members in `ids` that do not run, and waits until all running members serve. */
  async start(ids: readonly number[] = this.members.map(({ id }) => id)): Promise<void> {
    await Promise.all(this.members.filter(({ id, isUp }) => !isUp && ids.includes(id)).map((member) => member.start()));
    await this.untilServing();
  }

  async untilServing(): Promise<void> {
    await Promise.all(this.running.map((member) => member.untilServing()));
  }

  /** Waits until all running members have applied the last transaction. There must be no writes at the same time. */
  async untilLevel(): Promise<void> {
    await until('all to have the same last transaction', async () => {
      const zxids = await Promise.all(this.running.map((member) => member.zxid()));
      return zxids[0] !== undefined && zxids.every((zxid) => zxid === zxids[0]);
    });
  }

  /** The current leader. Waits until there is one. */
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

  /** Kills all processes. */
  async destroy(): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
  }

  /** The end of each member's log. */
  logs(lines = 15): string {
    const quiet = (log: string) => log.replaceAll(/^.*Processing (srvr|hash|mntr) command.*\n/gm, '');
    return this.members
      .map((member) => `--- log of ${member.name}, port ${member.port}, ends:\n${tail(quiet(member.log()), lines)}`)
      .join('\n');
  }
}

/** Runs `use` with an ensemble that serves. If it fails, the error contains the end of each member's log. */
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
