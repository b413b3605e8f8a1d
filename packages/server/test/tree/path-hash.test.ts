import assert from 'node:assert/strict';
import { test } from 'node:test';
import { below, forSeeds, randomFrom } from '../../src/testing/random.js';
import { pathHash, randomHashKey } from '../../src/tree/path-hash.js';

/** HalfSipHash as its authors describe it, with any numbers of compression and finalization rounds. */
function halfSipHash(compressions: number, finalizations: number, key: readonly number[], bytes: Uint8Array): number {
  const v = [key[0], key[1], key[0]! ^ 0x6c796765, key[1]! ^ 0x74656462];
  const turned = (word: number, bits: number) => (word << bits) | (word >>> (32 - bits));
  const mix = (one: number, other: number, bits: number) => {
    v[one] = (v[one]! + v[other]!) | 0;
    v[other] = turned(v[other]!, bits) ^ v[one];
  };
  const round = () => {
    mix(0, 1, 5);
    v[0] = turned(v[0]!, 16);
    mix(2, 3, 8);
    mix(0, 3, 7);
    mix(2, 1, 13);
    v[2] = turned(v[2]!, 16);
  };
  const padded = new Uint8Array((bytes.length & ~3) + 4);
  padded.set(bytes);
  padded[padded.length - 1] = bytes.length;
  const words = new DataView(padded.buffer);
  for (let at = 0; at < padded.length; at += 4) {
    v[3]! ^= words.getInt32(at, true);
    for (let count = compressions; count > 0; count--) round();
    v[0]! ^= words.getInt32(at, true);
  }
  v[2]! ^= 0xff;
  for (let count = finalizations; count > 0; count--) round();
  return v[1]! ^ v[3]!;
}

test('the path hash is HalfSipHash with 1 and 3 rounds', () => {
  // the authors' first test vector for HalfSipHash with 2 compression rounds and 4 finalization rounds
  const key = [0x03020100, 0x07060504];
  assert.equal(halfSipHash(2, 4, key, new Uint8Array(0)) >>> 0, 0x5b9f35a9);
  forSeeds(100, (random) => {
    const bytes = Uint8Array.from({ length: below(random, 40) }, () => below(random, 256));
    const hashKey = randomHashKey(random);
    assert.equal(pathHash(hashKey, bytes, 0, bytes.length), halfSipHash(1, 3, hashKey, bytes));
    const within = Buffer.concat([Buffer.alloc(7, 1), bytes, Buffer.alloc(3, 2)]);
    assert.equal(pathHash(hashKey, within, 7, 7 + bytes.length), halfSipHash(1, 3, hashKey, bytes));
  });
});

test('which paths share a bucket depends on every bit of the key: paths that collide with one key do not with another', () => {
  const random = randomFrom(7);
  const [one, other] = [randomHashKey(random), randomHashKey(random)];
  const bucketOf = (key: typeof one, path: string) =>
    pathHash(key, Buffer.from(path), 0, Buffer.byteLength(path)) & 0xff;
  const shared: string[] = [];
  for (let index = 0; shared.length < 1000; index++) if (bucketOf(one, `/n${index}`) === 0) shared.push(`/n${index}`);
  const fromLow: typeof one = [one[0] ^ 0x40000000, one[1]];
  for (const key of [other, fromLow]) {
    const counts = new Map<number, number>();
    for (const path of shared) counts.set(bucketOf(key, path), (counts.get(bucketOf(key, path)) ?? 0) + 1);
    assert.ok(Math.max(...counts.values()) < 20, `${Math.max(...counts.values())} of 1000 share one of 256 buckets`);
  }
});
