import type { ServerAddress } from '@nodekeeper/client/testing';
import { below, pick, randomFrom } from '@nodekeeper/server/testing';
import { Violation } from '../../src/world/violation.js';
import { paths, SimulatedClient } from './client.js';
import { Ensemble, type ModelServer } from './ensemble.js';
import { type HostMode, Network } from './network.js';
import { World } from './world.js';

/** Makes a client break a rule. Called before the client starts. Returns a function that undoes the change. */
export type Mutant = (client: SimulatedClient) => (() => void) | undefined;

/** Counts of what happened in a schedule. */
export interface Tally {
  connections: number;
  requests: number;
  watches: number;
  events: number;
  expired: number;
}

/**
 * Runs one random schedule of clients, servers and faults. The seed alone determines the schedule. Throws an error if a
 * promise is broken.
 */
export function runSchedule(seed: number, mutant?: Mutant): Tally {
  const schedule = new Schedule(seed, mutant);
  try {
    return schedule.run();
  } catch (error) {
    const what = error instanceof Violation ? error.message : (error as Error).stack;
    const replay = `SEED=${seed} npm test -- client/schedules`;
    throw new Error(`${what}\nreplay: ${replay}\nwhat happened:\n${schedule.world.lastNotes(50)}`, { cause: error });
  } finally {
    schedule.undo();
  }
}

class Schedule {
  readonly world: World;
  readonly #network: Network;
  readonly #ensemble: Ensemble;
  readonly #clients: SimulatedClient[];
  readonly #timeoutMs: number;
  readonly #undos: (() => void)[] = [];
  /** True for a schedule without long outages, in which no session may expire. */
  readonly #isGentle: boolean;

  constructor(seed: number, mutant: Mutant | undefined) {
    const random = randomFrom(seed);
    this.world = new World(random);
    this.#network = new Network(this.world);
    this.#isGentle = this.world.chance(0.25);
    this.#timeoutMs = this.#isGentle ? 4000 : this.world.between(2000, 6000);
    const clients = this.world.between(1, 3);
    this.#ensemble = new Ensemble(this.world, this.world.between(1, 5), clients, this.world.fault);
    for (const server of this.#ensemble.servers) this.#network.hosts.set(server.address, server);
    this.#plant();
    this.#clients = Array.from({ length: clients }, (_, index) => this.#makeClient(index));
    for (const client of this.#clients) {
      const undo = mutant?.(client);
      if (undo !== undefined) this.#undos.push(undo);
    }
  }

  /** Creates some nodes before the first client connects. */
  #plant(): void {
    for (const path of paths) {
      if (this.world.chance(0.6)) this.#ensemble.plant(path, `before.${path}`);
    }
  }

  #makeClient(index: number): SimulatedClient {
    const { world } = this;
    const client = new SimulatedClient(world, this.#network, this.#ensemble, index, {
      servers: this.#addresses(),
      sessionTimeoutMs: this.#timeoutMs,
      autoWatchReset: world.chance(0.9),
      lastXid: world.chance(0.1) ? 0x7fffffff - 5 : 0,
    });
    client.mustNotExpire = this.#isGentle;
    return client;
  }

  #addresses(): ServerAddress[] {
    return this.#ensemble.servers.map((_, index) => ({ host: `s${index}`, port: 2181 }));
  }

  undo(): void {
    for (const undo of this.#undos.reverse()) undo();
  }

  run(): Tally {
    const { world } = this;
    const spanMs = this.#timeoutMs * 2;
    for (const client of this.#clients) this.#plan(client, spanMs);
    const faults = this.#isGentle ? world.between(1, 5) : world.between(0, 12);
    for (let count = 0; count < faults; count++) {
      const work = this.#isGentle && count > 0 ? () => this.#cutOff() : () => this.#goWrong();
      world.after(world.random() * spanMs, work);
    }
    world.run(spanMs);
    this.#heal();
    world.run(world.nowMs + this.#timeoutMs * 3);
    this.#settle();
    this.#end();
    return this.#tally();
  }

  #plan(client: SimulatedClient, spanMs: number): void {
    const { world } = this;
    const { process } = client;
    if (world.chance(0.15)) client.addAuth(true);
    world.after(world.random() * 20, () => client.start());
    for (let count = world.between(5, 18); count > 0; count--) {
      const burst = world.chance(0.3) ? world.between(2, 5) : 1;
      const atMs = world.chance(0.2) ? 0 : world.random() * spanMs;
      world.after(atMs, () =>
        process.post(0, () => {
          for (let index = 0; index < burst; index++) client.act();
        }),
      );
    }
    if (world.chance(0.1)) world.after(world.random() * spanMs, () => process.post(0, () => client.addAuth(true)));
    if (world.chance(0.01)) world.after(world.random() * spanMs, () => process.post(0, () => client.addAuth(false)));
    if (world.chance(0.1)) world.after(world.random() * spanMs, () => client.close(world.chance(0.3)));
    this.#watchSilence(client, spanMs + this.#timeoutMs * 3);
  }

  #watchSilence(client: SimulatedClient, untilMs: number): void {
    client.checkSilence();
    if (this.world.nowMs < untilMs) this.world.after(250, () => this.#watchSilence(client, untilMs), 2);
  }

  // ---- faults

  #goWrong(): void {
    const { world } = this;
    const client = pick(world.random, this.#clients);
    const server = pick(world.random, this.#ensemble.servers);
    const forMs = this.#isGentle ? world.between(1, this.#timeoutMs / 8) : this.#duration();
    switch (below(world.random, this.#isGentle ? 3 : 14)) {
      case 0:
        this.#cutOff();
        break;
      case 1:
        this.#treat(server.address, 'refusing', forMs, true);
        break;
      case 2:
        this.#letLag(server, forMs);
        break;
      case 3:
        this.#treat(server.address, world.chance(0.5) ? 'silent' : 'unreachable', forMs, world.chance(0.3));
        break;
      case 4:
        this.#stall(client, forMs);
        break;
      case 5:
        client.pause(forMs);
        break;
      case 6:
        this.#network.delayMsMax = 200;
        world.after(forMs, () => {
          this.#network.delayMsMax = 3;
        });
        break;
      case 7: {
        const servers = this.#addresses().filter(() => world.chance(0.6));
        if (servers.length === 0) break;
        client.note('takes a new list', servers.map(({ host }) => host).join());
        client.process.post(0, () => client.updateServers(servers));
        break;
      }
      case 8:
        for (const each of this.#ensemble.servers) this.#treat(each.address, 'refusing', forMs, true);
        break;
      case 9:
        world.note(server.address, 'closes its connections');
        for (const connection of server.connections) connection.drop();
        break;
      default:
        this.#cutOff();
    }
  }

  #letLag(server: ModelServer, forMs: number): void {
    this.world.note(server.address, 'does not follow for', forMs);
    const excuse = () => {
      // a server that does not follow answers no writes; a client that sends only writes then hears nothing, and may
      // drop the connection
      for (const link of this.#network.links) if (link.address === server.address) link.isHealthy = false;
    };
    server.isLagging = true;
    excuse();
    this.world.after(forMs, () => {
      excuse();
      server.catchUp();
    });
  }

  #duration(): number {
    const { world } = this;
    return world.chance(0.7) ? world.between(1, this.#timeoutMs / 2) : world.between(1, this.#timeoutMs * 2);
  }

  #cutOff(): void {
    const client = pick(this.world.random, this.#clients);
    if (this.world.chance(0.4)) {
      client.note('is cut off');
      client.link?.reset();
    } else {
      const direction = this.world.chance(0.7) ? 'toClient' : 'toServer';
      const bytes = this.world.between(1, 300);
      client.note('is cut off after some bytes', direction, bytes);
      client.link?.resetAfter(direction, bytes);
    }
  }

  #treat(address: string, mode: HostMode, forMs: number, cutsLinks: boolean): void {
    const host = this.#network.hosts.get(address)!;
    this.world.note(address, 'is', mode, 'for', forMs);
    host.mode = mode;
    this.world.after(forMs, () => {
      host.mode = 'up';
    });
    if (cutsLinks) for (const link of this.#network.links) if (link.address === address) link.reset();
  }

  /** Holds the bytes of a connection in one direction or both, for a while or permanently. */
  #stall({ link }: SimulatedClient, forMs: number): void {
    const { world } = this;
    if (link === undefined) return;
    const toServer = world.chance(0.6);
    const toClient = !toServer || world.chance(0.6);
    world.note('bytes get stuck', link.address, toServer && 'to the server', toClient && 'to the client');
    if (toServer) link.stall('toServer');
    if (toClient) link.stall('toClient');
    if (world.chance(0.5)) world.after(forMs, () => link.resume());
  }

  // ---- the last phase of a schedule

  #heal(): void {
    this.world.note('all faults are over');
    this.#network.heal();
    for (const server of this.#ensemble.servers) {
      server.mode = 'up';
      server.catchUp();
    }
  }

  /** Waits until the ensemble is quiet. Then all clients must be connected again, and no request may be in flight. */
  #settle(): void {
    const { world } = this;
    for (let round = 0; round < 50; round++) {
      const { zxid } = this.#ensemble;
      world.run(world.nowMs + 100);
      if (zxid === this.#ensemble.zxid) break;
    }
    for (const client of this.#clients) {
      if (client.isOver) continue;
      const { state, pendingCount, parkedCount } = client.session;
      if (state !== 'CONNECTED') client.fault(`is ${state} long after the last fault`);
      if (pendingCount + parkedCount > 0) client.fault('still has open requests');
      client.watchChecks.atTheEnd();
    }
  }

  #end(): void {
    const { world } = this;
    const open = this.#clients.filter((client) => !client.isOver);
    const kept = new Set(open.filter(() => world.chance(0.3)));
    for (const client of open) client.close(kept.has(client));
    world.run(world.nowMs + 1000);
    for (const client of open) {
      const { sessionId } = client.session.identity;
      const { isClosed } = this.#ensemble.sessions.get(sessionId)!;
      if (!client.isClosed) client.fault('is not closed');
      if (!isClosed && !kept.has(client)) client.fault('has closed, but its session lives on');
      if (isClosed && kept.has(client)) client.fault('has closed, but its session, which it wants to keep, is gone');
    }
    for (const client of this.#clients) {
      client.act();
      client.requestChecks.allHaveEnded();
      client.requestChecks.staysTrue();
    }
  }

  #tally(): Tally {
    const sum = (count: (client: SimulatedClient) => number) =>
      this.#clients.map(count).reduce((total, each) => total + each, 0);
    return {
      connections: sum(({ session }) => session.counters.connects),
      requests: sum(({ requestChecks }) => requestChecks.records.length),
      watches: sum(({ watchChecks }) => watchChecks.records.length),
      events: sum(({ session }) => session.counters.watchEvents),
      expired: sum(({ lastEvent }) => (lastEvent === 'Expired' ? 1 : 0)),
    };
  }
}
