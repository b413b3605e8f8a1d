import { zxidHex } from '@nodekeeper/protocol';
import { Ledger } from './checks/ledger.js';
import { ReplyChecks } from './checks/reply-checks.js';
import type { Actor } from './clients/actor.js';
import { Client } from './clients/client.js';
import { ShippedClient } from './clients/shipped-client.js';
import { Ensemble } from './ensemble.js';
import { type Drops, drawSetting, type Setting } from './plan/setting.js';
import type { Server } from './servers/server.js';
import type { Violation } from './world/violation.js';
import { World } from './world/world.js';

/** The result of a run. */
export interface Outcome {
  readonly seed: number;
  readonly setting: Setting;
  /** The recipe that the programs of the run have used. Undefined in a run without programs. */
  readonly recipe?: string;
  readonly failure: Violation | undefined;
  readonly traceHash: string;
  readonly notes: string[];
  readonly counts: Counts;
}

export interface Counts {
  simulatedMs: number;
  elections: number;
  crashes: number;
  faults: number;
  writesAcked: number;
  readsChecked: number;
  eventsChecked: number;
  committed: number;
  /** The number of times that a program got what it wanted of a recipe. */
  turns: number;
}

export const noCounts: Counts = {
  simulatedMs: 0,
  elections: 0,
  crashes: 0,
  faults: 0,
  writesAcked: 0,
  readsChecked: 0,
  eventsChecked: 0,
  committed: 0,
  turns: 0,
};

const notesShown = 100_000;
/** The time limit after healing. Within it, all servers must serve and one of them must lead. */
export const servingMsMax = 40_000;
const writeMsMax = 15_000;
const convergenceMsMax = 15_000;
const peaceMs = 2000;
const restartMsMax = 10_000;
const stepMs = 50;

/**
 * Simulates one run. Faults happen for a while, then everything heals. After that, the ensemble must work as if there
 * had been no faults.
 */
export function simulate(seed: number, drops: Drops = new Set()): Outcome {
  const world = new World(seed);
  const ledger = new Ledger(world);
  const setting = drawSetting(world, drops);
  const checks = new ReplyChecks(world, ledger);
  const ensemble = new Ensemble<Actor>(world, ledger, setting, (network, servers) => [
    ...setting.clients.map((each) => new Client(world, network, ledger, checks, each, servers)),
    ...setting.shippedClients.map((each) => new ShippedClient(world, network, ledger, checks, each, servers)),
  ]);
  try {
    ensemble.start();
    world.run(setting.durationMs);
    ensemble.heal();
    liveness(ensemble);
    convergence(ensemble);
  } catch (error) {
    if (world.failure === undefined) throw error;
  }
  return {
    seed,
    setting,
    failure: world.failure,
    traceHash: world.traceHash,
    notes: world.lastNotes(notesShown),
    counts: {
      ...countsOf(ensemble),
      writesAcked: checks.writesAcked,
      readsChecked: checks.readsChecked,
      eventsChecked: ensemble.clients.reduce((sum, client) => sum + client.eventsChecked, 0),
    },
  };
}

export function countsOf({ world, servers, ledger, elections, faultsHappened }: Ensemble): Counts {
  return {
    ...noCounts,
    simulatedMs: world.nowMs,
    elections,
    crashes: servers.reduce((sum, { crashes }) => sum + crashes, 0),
    faults: faultsHappened,
    committed: ledger.committed.length,
  };
}

/** Continues the run until `isSo` returns true. Reports a violation if the limit passes before that. */
function until(ensemble: Ensemble<Actor>, what: string, limitMs: number, isSo: () => boolean): void {
  const { world } = ensemble;
  const endMs = world.nowMs + limitMs;
  while (!isSo()) {
    if (world.nowMs >= endMs) {
      const states = ensemble.servers.map((server) => `${server.name} ${stateOf(server)}`);
      world.violate('Liveness', `${what}: not within ${limitMs} ms (${states.join(', ')})`);
    }
    world.run(world.nowMs + stepMs);
  }
}

export function stateOf(server: Server): string {
  if (server.state !== 'up') return server.state;
  return server.isServing ? server.mode : (server.peer?.state ?? 'starting');
}

function liveness(ensemble: Ensemble<Actor>): void {
  const { world, servers, clients } = ensemble;
  const isServing = () => servers.every((server) => server.isServing) && servers.some((server) => server.isLeading);
  until(ensemble, 'all servers serve', servingMsMax, isServing);
  const electionsBefore = ensemble.elections;
  const open = new Set(clients.map(({ name }) => name));
  for (const client of clients) client.writeSurely(() => open.delete(client.name));
  until(ensemble, 'every client has a reply to a write', writeMsMax, () => open.size === 0);
  // after healing, no client may lose its session, and no leader may lose its term
  const lostBefore = new Map(clients.map((client) => [client, client.sessionsLost]));
  world.run(world.nowMs + peaceMs);
  for (const server of servers) restartInPeace(ensemble, server);
  const lost = clients.filter((client) => client.sessionsLost > lostBefore.get(client)!);
  world.demand(
    lost.length === 0,
    'Liveness',
    () => `${lost.map(({ name }) => name).join()} lost a session after healing`,
  );
  world.demand(ensemble.elections <= electionsBefore + 1, 'Liveness', () => 'the leader changes after healing');
}

/** Restarts a follower or observer under load. The leader must keep its term. */
function restartInPeace(ensemble: Ensemble<Actor>, server: Server): void {
  const { world, servers } = ensemble;
  const leader = servers.find(({ isLeading }) => isLeading);
  if (leader === undefined || leader === server || !ensemble.hasQuorumWithout(server)) return;
  const { epoch } = leader.peer!.leader!;
  server.stop();
  world.run(world.nowMs + stepMs);
  until(ensemble, `${server.name} serves after a restart without faults`, restartMsMax, () => server.isServing);
  world.demand(leader.isServing && leader.peer!.leader?.epoch === epoch, 'Liveness', () => {
    return `the restart of ${server.name} without faults cost ${leader.name} its term`;
  });
}

/**
 * The clients make no more requests. All servers must reach the same tree, which is the tree of the committed
 * transactions.
 */
function convergence(ensemble: Ensemble<Actor>): void {
  const { world, servers, clients, ledger } = ensemble;
  for (const client of clients) client.isBusy = false;
  const lostBefore = clients.map(({ connectionsLost }) => connectionsLost);
  const { maxSessionTimeoutMs = 4000 } = servers[0]!.setting.config;
  // after this time, all sessions without a client must be over
  world.run(world.nowMs + maxSessionTimeoutMs * 1.5);
  const hasAll = (server: Server) => server.isServing && server.replica.lastZxid >= ledger.lastZxid;
  until(ensemble, 'all servers have applied everything', convergenceMsMax, () => servers.every(hasAll));
  const lost = clients.filter((client, index) => client.connectionsLost !== lostBefore[index]);
  world.demand(
    lost.length === 0,
    'KeepAlive',
    () => `${lost.map(({ name }) => name).join()} lost a connection after healing`,
  );
  for (const client of clients) client.atTheEnd();
  const held = new Set(clients.map(({ sessionId }) => sessionId));
  for (const sessionId of ledger.model.sessions) {
    world.demand(held.has(sessionId), 'SessionExpiry', () => {
      return `session ${sessionId.toString(16)} has no client but is not over`;
    });
  }
  for (const server of servers) demandSameState(ensemble, server);
}

function demandSameState({ world, ledger }: Ensemble, server: Server): void {
  const { tree, sessions } = server.database;
  ledger.demandDigest(server.name, ledger.lastZxid, tree.digest.toBigInt());
  const known = [...sessions.values()].filter(({ committed }) => committed).map(({ id }) => id.toString(16));
  const expected = [...ledger.model.sessions].map((id) => id.toString(16));
  world.demand(known.sort().join() === expected.sort().join(), 'SessionEquality', () => {
    return `${server.name} has the sessions ${known}, but ${expected} are open`;
  });
  const owners = [...tree.owned.ephemerals].filter(([, paths]) => paths.size > 0).map(([owner]) => owner);
  for (const owner of owners) {
    world.demand(ledger.model.sessions.has(owner), 'NoOrphanEphemeral', () => {
      return `${server.name} keeps ephemerals of session ${owner.toString(16)}, which is over, at ${zxidHex(tree.lastZxid)}`;
    });
  }
}
