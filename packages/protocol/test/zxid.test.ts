import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeZxid, sessionIdHex, zxidCounter, zxidDigits, zxidEpoch, zxidHex } from '../src/index.js';

test('epoch and counter are the halves of a zxid, for every epoch below 2^21', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 21 - 1), fc.integer({ min: 0, max: 0xffffffff }), (epoch, counter) => {
      const zxid = makeZxid(epoch, counter);
      assert.equal(zxidEpoch(zxid), epoch);
      assert.equal(zxidCounter(zxid), counter);
      assert.equal(BigInt(zxid), (BigInt(epoch) << 32n) | BigInt(counter));
      assert.equal(zxidHex(zxid), `0x${BigInt(zxid).toString(16)}`);
    }),
  );
});

test('zxids compare as numbers in the order of the log', () => {
  assert.ok(makeZxid(1, 0xffffffff) < makeZxid(2, 0));
  assert.ok(makeZxid(2, 0) < makeZxid(2, 1));
});

test("negative values are printed as in Java: two's complement, 64 bits", () => {
  assert.equal(zxidHex(-1), '0xffffffffffffffff');
  assert.equal(zxidDigits(-2), 'fffffffffffffffe');
  assert.equal(zxidEpoch(-1), -1);
  assert.equal(zxidCounter(-1), 0xffffffff);
  assert.equal(sessionIdHex(-1n), '0xffffffffffffffff');
  assert.equal(sessionIdHex(-(1n << 63n)), '0x8000000000000000');
  assert.equal(sessionIdHex(0x1000012fc1e0001n), '0x1000012fc1e0001');
  assert.equal(zxidHex(0), '0x0');
});
