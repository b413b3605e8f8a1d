import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeInstance } from '../../src/discovery/service-instance.js';
import { type Choice, type ServiceInstance, type Strategy, strategies } from '../../src/index.js';

const place = { recipe: 'ServiceProvider', path: '/services/api' };

function instance(id: string, payload: unknown = null): ServiceInstance {
  return completeInstance(place, { name: 'api', id, payload }, Math.random, () => 0);
}

function choice(fields: Partial<Choice> = {}): Choice {
  return { random: Math.random, key: undefined, path: place.path, load: () => 0, ...fields };
}

function chosen(strategy: Strategy, instances: ServiceInstance[], count: number, fields: Partial<Choice> = {}): string {
  return Array.from({ length: count }, () => strategy(instances, choice(fields)).id).join('');
}

const [a, b, c] = [instance('a'), instance('b'), instance('c')];

test('round robin takes one instance after the other', () => {
  assert.equal(chosen(strategies.roundRobin(), [a, b, c], 7), 'abcabca');
});

test('random takes the instance of the random number', () => {
  const numbers = [0, 0.99, 0.5];
  assert.equal(chosen(strategies.random(), [a, b, c], 3, { random: () => numbers.shift()! }), 'acb');
});

test('sticky stays with an instance until it is gone', () => {
  const sticky = strategies.sticky(strategies.roundRobin());
  assert.equal(chosen(sticky, [a, b, c], 3), 'aaa');
  assert.equal(chosen(sticky, [b, c], 3), 'ccc');
  assert.equal(chosen(sticky, [a, b, c], 1), 'c');
});

test('weighted divides the choices by weight, and spreads them', () => {
  const weighted = [instance('a', { weight: 3 }), instance('b'), instance('c', { weight: 0 })];
  assert.equal(chosen(strategies.weighted(), weighted, 8), 'aabaaaba');
  const byId = strategies.weighted(({ id }) => (id === 'b' ? 2 : 1));
  assert.equal(chosen(byId, [a, b], 6), 'babbab');
  assert.equal(
    chosen(
      strategies.weighted(() => Number.NaN),
      [a, b],
      4,
    ),
    'abab',
  );
});

test('least loaded takes one of the instances with the fewest leases', () => {
  const loads: Record<string, number> = { a: 2, b: 1, c: 1 };
  const fields = { load: ({ id }: ServiceInstance) => loads[id]!, random: () => 0.9 };
  assert.equal(chosen(strategies.leastLoaded(), [a, b, c], 1, fields), 'c');
  loads.c = 3;
  assert.equal(chosen(strategies.leastLoaded(), [a, b, c], 1, fields), 'b');
});

test('consistent hash moves only the keys of an instance that is gone, and spreads the keys', () => {
  const strategy = strategies.consistentHash();
  const many = Array.from({ length: 5 }, (_, index) => instance(`i${index}`));
  const keys = Array.from({ length: 5000 }, (_, index) => `user-${index}`);
  const before = keys.map((key) => strategy(many, choice({ key })).id);
  const after = keys.map((key) => strategy(many.slice(1), choice({ key })).id);
  keys.forEach((_, index) => {
    if (before[index] !== 'i0') assert.equal(after[index], before[index]);
  });
  for (const { id } of many) {
    const share = before.filter((each) => each === id).length;
    assert.ok(share > 800 && share < 1200, `${id} has ${share} of 5000 keys`);
  }
  assert.throws(() => strategy(many, choice()), { code: 'BADARGUMENTS', message: /needs the option key/ });
});
