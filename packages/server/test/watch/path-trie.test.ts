import assert from 'node:assert/strict';
import { test } from 'node:test';
import { below, forSeeds, pick } from '../../src/testing/random.js';
import { PathTrie } from '../../src/watch/path-trie.js';

test('a trie of paths finds the same as a map that is asked for a path and each of its ancestors', () => {
  forSeeds(50, (random) => {
    const trie = new PathTrie<string>();
    const map = new Map<string, string>();
    const path = () => {
      let text = '';
      for (let depth = below(random, 6); depth > 0; depth--) text += `/${pick(random, ['a', 'ab', 'b', 'abc', 'c'])}`;
      return text === '' ? '/' : text;
    };
    for (let step = 0; step < 300; step++) {
      const changed = path();
      if (random() < 0.6) {
        map.set(changed, changed);
        trie.set(changed, changed);
      } else {
        map.delete(changed);
        trie.delete(changed);
      }
      const asked = path();
      const found: string[] = [];
      trie.visit(asked, (value, length) => {
        assert.equal(value, asked.slice(0, length));
        found.push(value);
      });
      const expected: string[] = [];
      for (let end = 1; end <= asked.length; end++) {
        const isWhole = end === 1 || end === asked.length || asked[end] === '/';
        if (isWhole && map.has(asked.slice(0, end))) expected.push(asked.slice(0, end));
      }
      assert.deepEqual(found, expected, asked);
      assert.equal(trie.get(asked), map.get(asked));
    }
    for (const left of map.keys()) trie.delete(left);
    assert.deepEqual(trie, new PathTrie(), 'the trie is empty');
  });
});

test('looking up the watches above a path is linear in its length, however many and deep the watches are', () => {
  const trie = new PathTrie<number>();
  const deep = '/a'.repeat(200_000);
  for (let length = 2; length <= 4000; length += 2) trie.set(deep.slice(0, length), length);
  const start = performance.now();
  let found = 0;
  for (let round = 0; round < 10; round++) trie.visit(deep, () => found++);
  trie.set(deep, 1);
  trie.visit(deep, () => found++);
  assert.equal(found, 20_000 + 2001);
  // looking up the path of each ancestor separately would take minutes
  assert.ok(performance.now() - start < 10_000, `${performance.now() - start} ms`);
});
