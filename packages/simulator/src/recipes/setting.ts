import type { Naming } from '@nodekeeper/recipes';
import { below, drawSkew, pick } from '@nodekeeper/server/testing';
import { commonKinds, drawFaults, programKinds } from '../plan/faults.js';
import { calmed, type Drops, drawNetwork, noSkew, type Setting } from '../plan/setting.js';
import type { World } from '../world/world.js';
import { drawProgram, type ProgramSetting } from './program-setting.js';

export interface RecipeSetting extends Setting {
  readonly naming: Naming;
}

/** Draws the setting of a run with a recipe, without the dropped parts. */
export function drawRecipeSetting(world: World, drops: Drops): RecipeSetting {
  const random = world.random('recipes');
  const serverCount = pick(random, [3, 3, 3, 3, 1, 5]);
  const durationMs = 5000 + random() * random() * 25_000;
  const network = drawNetwork(random);
  const skews = Array.from({ length: serverCount }, () => drawSkew(random));
  const programs = Array.from({ length: 2 + below(random, 4) }, (_, index) => drawProgram(random, `p${index + 1}`));
  const faults = drawFaults(random, pick(random, [0, 2, 5, 10]), durationMs, commonKinds);
  const mishaps = drawFaults(random, pick(random, [0, 3, 8, 20, 40]), durationMs, programKinds, faults.length);
  const isKept = ({ name }: ProgramSetting) => !drops.has(name);
  const straightened = (program: ProgramSetting) => (drops.has('skew') ? { ...program, skew: noSkew } : program);
  return {
    serverCount,
    observerCount: 0,
    clients: [],
    shippedClients: [],
    programs: programs.filter(isKept).map(straightened),
    naming: random() < 0.7 ? 'curator' : 'kazoo',
    tickTimeMs: 200,
    durationMs,
    faults: [...faults, ...mishaps].filter(({ id }) => !drops.has(`f${id}`)),
    skews: drops.has('skew') ? skews.map(() => noSkew) : skews,
    network: drops.has('network') ? calmed(network) : network,
    diskLatencyMs: pick(random, [0.2, 1, 1, 5]),
    startsMs: skews.map(() => random() * 300),
    snapCount: pick(random, [30, 100, 1000]),
    commitLogCount: pick(random, [20, 500]),
    snapshotSizeFactor: pick(random, [0.33, -1]),
    // short, so that the directories of recipes vanish while programs use them
    containerCheckIntervalMs: 2000,
  };
}
