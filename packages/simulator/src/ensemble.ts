import { createMember, EnsembleConfig, Network } from '@nodekeeper/server/testing';
import type { Ledger } from './checks/ledger.js';
import type { Participant } from './clients/participant.js';
import { type Fault, faultRow } from './plan/faults.js';
import { NonsenseProposals } from './plan/nonsense-proposal.js';
import type { Setting } from './plan/setting.js';
import type { Moment } from './servers/moments.js';
import { electionPort, quorumPort, Server } from './servers/server.js';
import { Stranger } from './servers/stranger.js';
import { WireTap } from './servers/wire-tap.js';
import type { World } from './world/world.js';

/** The servers, the clients, and the faults that hit them. */
export class Ensemble<Member extends Participant = Participant> {
  readonly network: Network;
  readonly servers: Server[] = [];
  readonly clients: readonly Member[];
  readonly stranger: Stranger;
  readonly nonsense = new NonsenseProposals();
  /** True after the faults have stopped. Servers that are down then start again. */
  isHealed = false;
  elections = 0;
  faultsHappened = 0;
  /** Faults that wait for an event. `left` is how often the event must still happen. */
  #waiting: { fault: Fault; left: number }[] = [];
  /** Work that is done when `moment` next happens at `server`. */
  #awaited: { server: Server; moment: Moment; work: () => void }[] = [];
  readonly #returns = new Map<Server, { delayMs: number; before: () => void }>();
  readonly #random: () => number;

  constructor(
    readonly world: World,
    readonly ledger: Ledger,
    readonly setting: Setting,
    /** Makes the clients. */
    clientsOf: (network: Network, servers: readonly string[]) => readonly Member[],
  ) {
    this.#random = world.random('ensemble');
    this.network = new Network(world, setting.network, world.random('network'));
    this.network.spoil = this.nonsense.spoil;
    this.stranger = new Stranger(world, this.network);
    const config = this.#config();
    for (let id = 1; id <= setting.serverCount; id++) this.#addServer(id, config);
    this.network.tap = new WireTap(new Map(this.servers.map((server) => [server.name, server]))).written;
    this.clients = clientsOf(
      this.network,
      this.servers.map(({ name }) => name),
    );
  }

  #config(): EnsembleConfig {
    const { serverCount, observerCount } = this.setting;
    const members = Array.from({ length: serverCount }, (_, index) =>
      createMember(index + 1, [{ host: `s${index + 1}`, quorumPort, electionPort }], {
        role: index >= serverCount - observerCount ? 'observer' : 'participant',
      }),
    );
    return new EnsembleConfig(members);
  }

  #addServer(id: number, ensemble: EnsembleConfig): void {
    const { setting, world } = this;
    const { tickTimeMs, snapCount, commitLogCount, snapshotSizeFactor, containerCheckIntervalMs } = setting;
    const server = new Server(world, this.network, this.ledger, {
      id,
      skew: setting.skews[id - 1]!,
      config: {
        preAllocSizeKb: 4,
        snapCount,
        commitLogCount,
        snapshotSizeFactor,
        containerCheckIntervalMs,
        tickTimeMs,
        minSessionTimeoutMs: tickTimeMs * 2,
        maxSessionTimeoutMs: tickTimeMs * 20,
        maxClientCnxns: 0,
        myId: id,
        ensemble,
        initLimitTicks: 10,
        syncLimitTicks: 5,
        fastLeaderMinNotificationIntervalMs: 200,
        fastLeaderMaxNotificationIntervalMs: 2000,
        reconfigEnabled: true,
      },
    });
    server.disk.latencyMs = setting.diskLatencyMs;
    server.onMoment = (_, moment) => this.#moment(server, moment);
    server.onGone = () => this.#gone(server);
    server.wasToldNonsense = () => this.nonsense.wasTold(server.name);
    this.servers.push(server);
  }

  get voters(): Server[] {
    return this.servers.slice(0, this.setting.serverCount - this.setting.observerCount);
  }

  hasQuorumWithout(server: Server): boolean {
    const { voters } = this;
    return voters.filter((voter) => voter !== server).length > voters.length / 2;
  }

  // ---- the course of a run

  start(): void {
    for (const [index, server] of this.servers.entries()) {
      this.world.after(this.setting.startsMs[index]!, () => server.start());
    }
    for (const client of this.clients) client.start();
    for (const fault of this.setting.faults) this.world.after(fault.ms, () => this.#due(fault));
  }

  #due(fault: Fault): void {
    if (this.isHealed) return;
    if (fault.moment === undefined) this.#happen(fault, undefined);
    else this.#waiting.push({ fault, left: fault.nth });
  }

  #moment(server: Server, moment: Moment): void {
    if (moment === 'leading') this.elections++;
    if (moment !== 'proposed' && moment !== 'logged' && moment !== 'committed') {
      this.world.note(`${server.name} * ${moment}`);
    }
    if (this.isHealed) return;
    for (const awaited of this.#awaited) {
      if (awaited.server !== server || awaited.moment !== moment) continue;
      this.#awaited = this.#awaited.filter((each) => each !== awaited);
      this.world.after(0, () => this.isHealed || awaited.work(), 0);
    }
    for (const waiting of this.#waiting) {
      if (waiting.fault.moment !== moment || --waiting.left > 0) continue;
      this.#waiting = this.#waiting.filter((each) => each !== waiting);
      // the fault must happen after the server's current event, and before the server's next event
      this.world.after(0, () => this.#happen(waiting.fault, server), 0);
    }
  }

  /** Runs `work` when `moment` next happens at the server, unless the ensemble is healed before that. */
  whenNext(server: Server, moment: Moment, work: () => void): void {
    this.#awaited.push({ server, moment, work });
  }

  #happen(fault: Fault, self: Server | undefined): void {
    if (this.isHealed) return;
    const server = this.#targetOf(fault, self);
    if (server === undefined) return;
    this.faultsHappened++;
    this.world.note(`f${fault.id}: ${fault.kind} of ${server.name} for ${fault.durationMs} ms`);
    faultRow(fault.kind).happen(this, server, fault);
  }

  #targetOf({ target, draw }: Fault, self: Server | undefined): Server | undefined {
    if (target === 'self' && self !== undefined) return self;
    const leader = this.servers.find((server) => server.isLeading);
    const pool =
      target === 'leader' && leader !== undefined
        ? [leader]
        : target === 'follower'
          ? this.servers.filter((server) => server !== leader)
          : this.servers;
    return pool[Math.floor(draw * pool.length)] ?? this.servers[0];
  }

  /** When the server next goes down, restarts it after this delay. Calls `before` just before the restart. */
  returnsAfter(server: Server, delayMs: number, before: () => void = () => {}): void {
    this.#returns.set(server, { delayMs, before });
  }

  #gone(server: Server): void {
    const planned = this.#returns.get(server);
    this.#returns.delete(server);
    const delayMs = planned?.delayMs ?? 200 + this.#random() * 2000;
    this.world.after(this.isHealed ? 200 : delayMs, () => {
      if (server.state !== 'down') return;
      if (!this.isHealed) planned?.before();
      server.start();
    });
  }

  heal(): void {
    this.world.note('everything heals');
    this.isHealed = true;
    this.#waiting = [];
    this.#awaited = [];
    const { rates } = this.network;
    this.network.rates = { ...rates, delayMs: 0.5, windowBytes: Math.max(rates.windowBytes, 64 * 1024) };
    this.network.heal();
    this.nonsense.end();
    for (const server of this.servers) {
      server.disk.heal();
      server.process.resume();
      server.start();
    }
    for (const client of this.clients) client.heal();
  }
}
