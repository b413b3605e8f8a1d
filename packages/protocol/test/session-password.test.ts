import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sessionPassword } from '../src/index.js';

// These passwords were computed with java.util.Random of Java 17. The last password is from a handshake with ZooKeeper
// 3.9.5.
const passwords: [bigint, string][] = [
  [0x0n, 'f22acd4a97e69d6d20a49bb638eadb38'],
  [0x1n, '054cc74a37327db215e702e20c73f005'],
  [0x100000000000000n, 'f22acd4a97e69d6d20a49bb638eadb38'],
  [0x10000a1b2c3d4e5n, 'b32e404dca9bbb4c5293f53c7e7c492a'],
  [0x10002f8e1a70003n, '78857b1d1cb192d8ec0c837492e88124'],
  [0x1234567890abcdefn, 'f7721b383fd583ba74d220ede39f7b43'],
  [0xb3415c00n, '60b420bb3851d9d47acb933dbe70399b'],
  [0x7fffffffffffffffn, '20f62cb5648dc2d771471c8a2486a9ee'],
  [-1n, '20f62cb5648dc2d771471c8a2486a9ee'],
  [-(1n << 63n), 'f22acd4a97e69d6d20a49bb638eadb38'],
  [0x1000012fc1e0001n, '93066608ad34962953f7a6a872118bbd'],
];

test('1.3.12: the password of a session is the one that ZooKeeper computes', () => {
  for (const [sessionId, hex] of passwords) assert.equal(sessionPassword(sessionId).toString('hex'), hex);
});

test('a session id in unsigned form has the password of the signed one', () => {
  assert.deepEqual(sessionPassword((1n << 64n) - 1n), sessionPassword(-1n));
});
