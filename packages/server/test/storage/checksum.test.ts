import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { adler32InScript } from '../../src/checksum/adler32.js';
import { adler32Module } from '../../src/checksum/adler32-module.js';
import { crc32InScript } from '../../src/checksum/crc32.js';
import { adler32, crc32 } from '../../src/checksum/index.js';

function plainAdler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b * 65536 + a;
}

test('Adler-32 equals its definition, for the worst bytes and for lengths around its block size', () => {
  for (const length of [
    0, 1, 7, 8, 9, 3799, 3800, 3801, 5552, 5553, 5567, 5568, 5569, 100_000, 131_072, 131_073, 300_000,
  ]) {
    const bytes = new Uint8Array(length).fill(0xff);
    assert.equal(adler32(bytes, 0, length), plainAdler32(bytes), `${length} bytes`);
    assert.equal(adler32InScript(bytes, 0, length, 1), plainAdler32(bytes), `${length} bytes in script`);
  }
});

test('the checksum of a span equals that of its bytes alone, and can continue from a seed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 9000 }), fc.nat(), fc.nat(), fc.nat(), (bytes, x, y, z) => {
      const cuts = [x, y, z].map((n) => n % (bytes.length + 1)).sort((a, b) => a - b);
      const [start = 0, middle = 0, end = 0] = cuts;
      const span = bytes.subarray(start, end);
      assert.equal(adler32(bytes, start, end), plainAdler32(span));
      assert.equal(adler32(bytes, middle, end, adler32(bytes, start, middle)), plainAdler32(span));
      assert.equal(adler32InScript(bytes, start, end, 1), plainAdler32(span));
      assert.equal(crc32(bytes, start, end), zlibCrc32(span));
      assert.equal(crc32InScript(bytes, start, end, 0), zlibCrc32(span));
      assert.equal(crc32(bytes, middle, end, crc32(bytes, start, middle)), zlibCrc32(span));
    }),
  );
});

test('the WebAssembly module compiles here, so the other tests have used the fast path', () => {
  assert.ok(WebAssembly.validate(adler32Module(1)));
});
