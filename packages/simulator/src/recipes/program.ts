import { ZooKeeper } from '@nodekeeper/client';
import { RecipeError, type RecipeErrorCode } from '@nodekeeper/recipes';
import { type Network, Process } from '@nodekeeper/server/testing';
import type { Ledger } from '../checks/ledger.js';
import { clientPorts } from '../clients/client-ports.js';
import type { Participant } from '../clients/participant.js';
import { clientPort } from '../servers/server.js';
import type { World } from '../world/world.js';
import { Confirmations } from './confirmations.js';
import type { ProgramSetting } from './program-setting.js';

/** What a program does with its recipe. It is made anew for each client of the program. */
export interface RecipeUser {
  /** Uses the recipe once. Resolves with true if the program got what it wanted. */
  round(): Promise<boolean>;
  /** Called when all programs have been idle for some time, to compare what the recipe shows with the tree. */
  atRest?(): void;
  /** Stops to use the recipe. */
  close(): Promise<void>;
}

/** Errors that a correct recipe may reject with, because the program has given up. */
const impatient: readonly RecipeErrorCode[] = ['TIMEOUT', 'ABORTED'];
/** Errors that it may also reject with if the client does not renew its session. */
const final: readonly RecipeErrorCode[] = ['SESSIONEXPIRED', 'CLOSED'];
/** A clock may be slow, and a timer late. This factor and time allow for both. */
const certainShareMax = 0.75 / 0.93;
const lateMsMax = 70;

/**
 * A program on its own machine. It uses one recipe again and again, with the shipped client, until `stop`. A program
 * without `renewSession` makes a new client when its session is over.
 */
export class Program implements Participant {
  readonly process: Process;
  readonly isOn = true;
  readonly random: () => number;
  /** The number of rounds in which the program got what it wanted. */
  turns = 0;
  /** The client; undefined while the process is down. */
  zk: ZooKeeper | undefined;
  isClosed = false;
  /** Further errors with which calls of the recipe may end. */
  rejects: readonly RecipeErrorCode[] = [];
  /** Called when a watch event tells the program of a deleted node. */
  onDeletion: (path: string, zxid: number) => void = () => {};
  #confirmations: Confirmations;
  #mustStop = false;
  /** The calls that the program gives up when it must stop. */
  readonly #waits = new Set<AbortController>();
  /** Lets an idle program close its recipe. */
  close!: () => void;
  readonly #mayClose = new Promise<void>((resolve) => {
    this.close = () => this.process.post(0, resolve);
  });
  /** True if the program makes no more calls. */
  isIdle = false;
  /** True if the program has closed the recipe. Its client still has its session. */
  isResting = false;
  /** Starts to use the recipe with a client. */
  join: (zk: ZooKeeper) => RecipeUser = () => {
    throw new Error('a program needs a recipe');
  };

  constructor(
    readonly world: World,
    readonly network: Network,
    readonly ledger: Ledger,
    readonly setting: ProgramSetting,
    readonly servers: readonly string[],
  ) {
    const { name, skew } = setting;
    this.random = world.random(name);
    this.process = new Process(world, name, world.random(`${name} process`), (work) => this.#guard(work), skew);
    this.#confirmations = this.#newConfirmations();
    network.hosts.set(name, this);
  }

  get name(): string {
    return this.setting.name;
  }

  #newConfirmations(): Confirmations {
    return new Confirmations(
      () => this.world.nowMs,
      (path, zxid) => this.onDeletion(path, zxid),
    );
  }

  #guard(work: () => void): void {
    this.world.isUnsettled = true;
    try {
      work();
    } catch (error) {
      if (this.world.failure !== undefined) throw this.world.failure;
      this.world.violate('NoImpossibleState', `${this.name} throws ${(error as Error).stack}`);
    }
  }

  note(text: string): void {
    this.world.note(`${this.name} ${text}`);
  }

  /**
   * Reports a violation unless `isSo`. Does not throw, because it may be called by a listener that the recipe calls; the
   * world stops the run.
   */
  check(isSo: boolean, check: string, what: () => string): void {
    if (isSo || this.world.failure !== undefined) return;
    try {
      this.world.violate(check, `${this.name} ${what()}`);
    } catch {
      // the world has recorded the violation
    }
  }

  /** Must be told that a recipe has ended. Only the end of a session that the client does not renew may end it. */
  readonly recipeEnded = (error: unknown): void => {
    this.check(!this.setting.renewSession, 'ErrorsAreTrue', () => `ends with ${(error as Error).stack}`);
  };

  // ---- life cycle

  start(): void {
    this.process.begin();
    this.#confirmations = this.#newConfirmations();
    this.process.post(0, () => void this.#live());
  }

  die(delayMs: number): void {
    if (this.isIdle || !this.process.isUp) return;
    this.note('is killed');
    this.network.gone(this.name, 'kill');
    this.process.end();
    this.process.resume();
    this.zk = undefined;
    this.world.after(delayMs, () => this.#restart());
  }

  #restart(): void {
    if (this.process.isUp) return;
    this.note('starts again');
    this.start();
  }

  heal(): void {
    this.process.resume();
    this.#restart();
  }

  /** Makes the program idle after its current round. */
  stop(): void {
    this.#mustStop = true;
    this.process.post(0, () => {
      for (const controller of this.#waits) controller.abort(new Error('the program stops'));
    });
  }

  /** Closes the client of a program that has stopped. */
  leave(): void {
    this.process.post(0, async () => {
      await this.zk?.close();
      this.isClosed = true;
    });
  }

  async #live(): Promise<void> {
    try {
      while (!this.isResting) await this.#useClient(this.#connect());
    } catch (error) {
      this.check(false, 'ErrorsAreTrue', () => `gets ${(error as Error).stack}`);
    }
  }

  #connect(): ZooKeeper {
    const { sessionTimeoutMs, renewSession } = this.setting;
    const zk = new ZooKeeper(this.servers.map((server) => `${server}:${clientPort}`).join(), {
      sessionTimeoutMs,
      renewSession,
      reconnectDelayMs: { base: 20, max: 200 },
      ports: clientPorts(this.network, this.process, this.random, this.#confirmations),
    });
    zk.on('state', ({ event, reason }) => this.note(`receives ${event}: ${reason}`));
    this.zk = zk;
    return zk;
  }

  /** Uses the recipe until the client's session is over or the program must stop. */
  async #useClient(zk: ZooKeeper): Promise<void> {
    const user = this.join(zk);
    const isOver = () => zk.state === 'CLOSED';
    while (!this.#mustStop && !isOver()) {
      if (await this.attempt('a round', () => user.round())) this.turns++;
      if (!this.#mustStop && !isOver()) await this.sleep(2 * this.random() * this.setting.thinkMs + 1);
    }
    if (!isOver()) {
      this.isIdle = true;
      this.note('is idle');
      await this.#mayClose;
      user.atRest?.();
    }
    await this.attempt('close', () => user.close());
    if (isOver()) return;
    this.isResting = true;
    this.note('rests');
  }

  /** Runs a call of the recipe. Returns undefined if it fails for a reason that a correct recipe may have. */
  async attempt<Result>(what: string, call: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await call();
    } catch (error) {
      const expected = [...impatient, ...(this.setting.renewSession ? [] : final), ...this.rejects];
      if (!RecipeError.is(error) || !expected.includes(error.code)) throw error;
      this.note(`fails with ${what}: ${error.message}`);
      return undefined;
    }
  }

  sleep(durationMs: number): Promise<void> {
    return new Promise((resolve) => this.process.after(durationMs, resolve));
  }

  /**
   * Returns a signal for a call that the program may give up. Sometimes the program is impatient.
   *
   * @param endsWithProgram true if the program also gives the call up when it must stop
   */
  patience(endsWithProgram = false): AbortSignal {
    const controller = new AbortController();
    if (endsWithProgram) this.#waits.add(controller);
    const { impatience } = this.setting;
    if (this.random() < impatience)
      this.process.after(this.random() * 1500, () => controller.abort(new Error('impatient')));
    return controller.signal;
  }

  // ---- what the program cannot know

  /** True if the process cannot run its timers now, so that it cannot notice the end of its session. */
  get isAsleep(): boolean {
    return this.process.isPaused || this.process.resumedMs === this.world.nowMs;
  }

  /**
   * True if the session is over although a server has confirmed it a short time ago. The server was then cut off from
   * the leader or died before it told the leader. No client can know that, only the fencing token protects.
   */
  isDeceived(sessionId: bigint): boolean {
    if (!this.ledger.model.closedAt.has(sessionId)) return false;
    const { sessionId: confirmedId, confirmedMs, timeoutMs } = this.#confirmations;
    const ageMs = this.world.nowMs - confirmedMs;
    return confirmedId === sessionId && ageMs < timeoutMs * certainShareMax + lateMsMax;
  }
}
