import type { Random } from '@nodekeeper/client';
import { RecipeError } from '../foundation/errors.js';
import type { ServiceInstance } from './service-instance.js';

/** The circumstances of a choice. */
export interface Choice {
  readonly random: Random;
  /** The key that the caller gave; undefined without a key. */
  readonly key: string | undefined;
  /** The directory of the service. */
  readonly path: string;
  /** Returns the number of leases of an instance that this provider has not ended yet. */
  readonly load: (instance: ServiceInstance) => number;
}

/**
 * Chooses one of the available instances. A strategy belongs to one provider, because it may have state.
 *
 * @param instances at least one instance, in the order of the names of their nodes
 */
export type Strategy<Payload = unknown> = (
  instances: readonly ServiceInstance<Payload>[],
  choice: Choice,
) => ServiceInstance<Payload>;

/** Returns the weight of an instance. An instance with weight 0 gets nothing, unless all weights are 0. */
export type WeightOf<Payload> = (instance: ServiceInstance<Payload>) => number;

/** The ready-made strategies. Each call makes a strategy for one provider. */
export const strategies = {
  /** One instance after the other. The default. */
  roundRobin: <Payload>(): Strategy<Payload> => {
    let next = 0;
    return (instances) => instances[next++ % instances.length]!;
  },
  /** Each instance with the same probability. */
  random:
    <Payload>(): Strategy<Payload> =>
    (instances, { random }) =>
      oneOf(instances, random),
  /** The same instance as before, as long as it is available. Otherwise `first` chooses one, by default at random. */
  sticky: <Payload>(first: Strategy<Payload> = strategies.random<Payload>()): Strategy<Payload> => {
    let id: string | undefined;
    return (instances, choice) => {
      const chosen = instances.find((each) => each.id === id) ?? first(instances, choice);
      id = chosen.id;
      return chosen;
    };
  },
  /**
   * In turn, each instance in proportion to its weight. An instance of weight 3 gets three of four choices if the other
   * has weight 1, evenly spread. Default: the number `weight` of the payload, or 1.
   */
  weighted: <Payload>(weightOf: WeightOf<Payload> = payloadWeight): Strategy<Payload> => {
    let credits = new Map<string, number>();
    return (instances) => {
      const weights = instances.map((each) => usable(weightOf(each)));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const shares = total === 0 ? instances.map(() => 1) : weights;
      const balances = instances.map(({ id }, index) => (credits.get(id) ?? 0) + shares[index]!);
      const chosen = indexOfLargest(balances);
      balances[chosen]! -= total === 0 ? instances.length : total;
      credits = new Map(instances.map(({ id }, index) => [id, balances[index]!]));
      return instances[chosen]!;
    };
  },
  /** An instance with the fewest leases of this provider that have not ended. Use `lease` or `with`. */
  leastLoaded:
    <Payload>(): Strategy<Payload> =>
    (instances, { random, load }) => {
      const loads = instances.map(load);
      const least = Math.min(...loads);
      return oneOf(
        instances.filter((_, index) => loads[index] === least),
        random,
      );
    },
  /**
   * The same instance for the same key (rendezvous hashing). If an instance goes, only its keys move to other
   * instances. All providers choose alike. The caller must pass a `key`.
   */
  consistentHash:
    <Payload>(): Strategy<Payload> =>
    (instances, { key, path }) => {
      if (key === undefined) {
        const place = { recipe: 'ServiceProvider', path };
        throw new RecipeError('BADARGUMENTS', place, 'the strategy consistentHash needs the option key');
      }
      return instances[indexOfLargest(instances.map(({ id }) => hash(`${key}\0${id}`)))]!;
    },
} as const;

function oneOf<Value>(values: readonly Value[], random: Random): Value {
  return values[Math.floor(random() * values.length)]!;
}

function payloadWeight({ payload }: ServiceInstance): number {
  const { weight } = Object(payload) as { weight?: unknown };
  return typeof weight === 'number' ? weight : 1;
}

function usable(weight: number): number {
  return Number.isFinite(weight) && weight > 0 ? weight : 0;
}

function indexOfLargest(values: readonly number[]): number {
  return values.reduce((best, value, index) => (value > values[best]! ? index : best), 0);
}

/** FNV-1a of the UTF-16 units, with the final mix of MurmurHash3: similar texts get very different numbers. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
