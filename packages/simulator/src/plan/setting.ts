import { below, type ClockSkew, drawSkew, type NetworkRates, pick } from '@nodekeeper/server/testing';
import { type ClientSetting, drawClient } from '../clients/setting.js';
import { drawShippedClient, type ShippedClientSetting } from '../clients/shipped-setting.js';
import { describeProgram, type ProgramSetting } from '../recipes/program-setting.js';
import type { World } from '../world/world.js';
import { drawFaults, type Fault } from './faults.js';
import { drawTheme, type Limits } from './themes.js';

/** Everything that is drawn at random before a run starts. */
export interface Setting extends Limits {
  readonly serverCount: number;
  /** The number of observers. The servers with the highest ids are observers. */
  readonly observerCount: number;
  readonly clients: readonly ClientSetting[];
  readonly shippedClients: readonly ShippedClientSetting[];
  /** The programs that use a recipe. If there are any, there are no other clients. */
  readonly programs: readonly ProgramSetting[];
  readonly tickTimeMs: number;
  readonly durationMs: number;
  readonly faults: readonly Fault[];
  readonly skews: readonly ClockSkew[];
  readonly network: NetworkRates;
  readonly diskLatencyMs: number;
  /** The start time of each server. Some servers start with the run, others later. */
  readonly startsMs: readonly number[];
  /** How often leaders delete empty containers. */
  readonly containerCheckIntervalMs: number;
}

/** The names of the parts that a run leaves out. The option `--drop` uses the same names. */
export type Drops = ReadonlySet<string>;

export const noSkew: ClockSkew = { rate: 1, offsetMs: 0, lateMsMax: 0 };

/** Draws the setting of a run, without the dropped parts. */
export function drawSetting(world: World, drops: Drops): Setting {
  const random = world.random('setting');
  const chance = (probability: number) => random() < probability;
  const theme = drawTheme(random);
  const serverCount = theme?.serverCount ?? pick(random, [3, 3, 3, 3, 4, 5, 5, 1, 2]);
  const observerCount = theme === undefined && serverCount > 3 && chance(0.5) ? 1 : 0;
  const durationMs = Math.max(3000 + random() * random() * 15_000, theme?.durationMsMin ?? 0);
  const skews = Array.from({ length: serverCount }, () => drawSkew(random));
  const network = drawNetwork(random);
  const anyClients = Array.from({ length: 1 + below(random, 4) }, (_, index) => drawClient(random, `c${index + 1}`));
  const clients = theme?.clients?.(random, anyClients) ?? anyClients;
  const faults = theme?.faults(random) ?? drawFaults(random, pick(random, [1, 3, 5, 8, 12, 18]), durationMs);
  const anyStartsMs = Array.from({ length: serverCount }, () => (chance(0.3) ? random() * durationMs : random() * 300));
  const startsMs = theme?.startsMs?.(random, anyStartsMs) ?? anyStartsMs;
  const shippedRandom = world.random('shipped clients');
  const shippedClients = Array.from({ length: pick(shippedRandom, [1, 1, 1, 2]) }, (_, index) => {
    const shipped = drawShippedClient(shippedRandom, `n${index + 1}`);
    return drops.has('skew') ? { ...shipped, skew: noSkew } : shipped;
  });
  const setting: Setting = {
    serverCount,
    observerCount,
    clients: clients.filter(({ name }) => !drops.has(name)),
    shippedClients: shippedClients.filter(({ name }) => !drops.has(name)),
    programs: [],
    tickTimeMs: 200,
    containerCheckIntervalMs: 60_000,
    snapCount: pick(random, [6, 10, 30, 100, 1000]),
    commitLogCount: pick(random, [5, 20, 500, 500]),
    durationMs,
    faults: faults.filter(({ id }) => !drops.has(`f${id}`)),
    skews: drops.has('skew') ? skews.map(() => noSkew) : skews,
    network: drops.has('network') ? calmed(network) : network,
    diskLatencyMs: pick(random, [0.2, 1, 1, 5]),
    startsMs: drops.has('starts') ? startsMs.map(() => 0) : startsMs,
    snapshotSizeFactor: pick(random, [0.33, -1]),
    ...theme?.limits,
  };
  return setting;
}

export function drawNetwork(random: () => number): NetworkRates {
  return {
    delayMsMin: 0.02,
    gapMs: 0.01,
    handlerMs: 0.1,
    delayMs: pick(random, [0.3, 1, 1, 5, 30]),
    cut: pick(random, [0, 0.05, 0.5]),
    windowBytes: pick(random, [500, 64 * 1024, 256 * 1024]),
    tailLost: pick(random, [0, 0.3, 0.8]),
  };
}

/** A network without the trouble that the option `--drop network` leaves out. */
export function calmed(network: NetworkRates): NetworkRates {
  return { ...network, delayMs: 0.3, cut: 0, tailLost: 0 };
}

/** Describes the drawn setting in text for readers, with the names of the clients that can be dropped. */
export function describeSetting(setting: Setting): string {
  const { serverCount, observerCount, clients, shippedClients, programs } = setting;
  const { network, snapCount, durationMs, diskLatencyMs } = setting;
  const rates = [...clients, ...shippedClients].map(
    ({ name, depth, thinkMs, writeShare }) => `${name}: depth ${depth}, think ${thinkMs} ms, writes ${writeShare}`,
  );
  return [
    `${serverCount} servers (${observerCount} observers), ${durationMs.toFixed(0)} ms of faults, snapshot every ${snapCount}`,
    `network: up to ${network.delayMs} ms, cut ${network.cut}, tail lost ${network.tailLost}, window ${network.windowBytes}; disk: ${diskLatencyMs} ms`,
    ...rates,
    ...programs.map(describeProgram),
  ].join('\n');
}
