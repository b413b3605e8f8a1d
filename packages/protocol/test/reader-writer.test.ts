import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProtocolError, Reader, Writer } from '../src/index.js';

function written(write: (writer: Writer) => void): Buffer {
  const writer = new Writer(1);
  write(writer);
  return Buffer.from(writer.view());
}
const hexOf = (text: string | null) => written((writer) => writer.ustring(text)).toString('hex');
const textOf = (hex: string) => {
  const bytes = Buffer.from(hex, 'hex');
  return new Reader(written((writer) => writer.buffer(bytes))).ustring();
};

test('1.1.6: null and empty differ, for strings and buffers, when read and when written', () => {
  assert.equal(hexOf(null), 'ffffffff');
  assert.equal(hexOf(''), '00000000');
  assert.equal(written((writer) => writer.buffer(null)).toString('hex'), 'ffffffff');
  assert.equal(written((writer) => writer.buffer(Buffer.alloc(0))).toString('hex'), '00000000');
  assert.equal(new Reader(Buffer.from('ffffffff', 'hex')).ustring(), null);
  assert.equal(new Reader(Buffer.from('00000000', 'hex')).ustring(), '');
  assert.equal(new Reader(Buffer.from('ffffffff', 'hex')).buffer(), null);
  assert.deepEqual(new Reader(Buffer.from('00000000', 'hex')).buffer(), Buffer.alloc(0));
});

test('1.1.5: each UTF-16 unit is encoded on its own, so an astral character takes two triples', () => {
  assert.equal(hexOf('a'), '0000000161');
  assert.equal(hexOf('\0'), '0000000100');
  assert.equal(hexOf('é'), '00000002c3a9');
  assert.equal(hexOf('€'), '00000003e282ac');
  assert.equal(hexOf('\u{1f600}'), '00000006eda0bdedb880');
  assert.equal(hexOf('\ud83d'), '00000003eda0bd');
});

// Bytes, and the results of `new String(bytes, UTF_8)` for them in Java 17.
const decodedByJava = [
  ['f09f9880', '\u{1f600}'],
  ['efbfbd', '\ufffd'],
  ['eda0bdedb880', '\ufffd\ufffd'],
  ['eda0bd', '\ufffd'],
  ['eda0', '\ufffd'],
  ['ed', '\ufffd'],
  ['61eda0bd62', 'a\ufffdb'],
  ['eda041', '\ufffdA'],
  ['eda0c3a9', '\ufffdé'],
  ['edbfbfff', '\ufffd\ufffd'],
  ['edaff0', '\ufffd\ufffd'],
  ['edeea0bd', '\ufffd\ue83d'],
  ['e2eda0bd', '\ufffd\ufffd'],
  ['f0eda0bd', '\ufffd\ufffd'],
  ['f09feda0bd', '\ufffd\ufffd'],
  ['f09f98', '\ufffd'],
  ['e282', '\ufffd'],
  ['e28241', '\ufffdA'],
  ['c080', '\ufffd\ufffd'],
  ['e08080', '\ufffd\ufffd\ufffd'],
  ['f4908080', '\ufffd\ufffd\ufffd\ufffd'],
  ['f8808080', '\ufffd\ufffd\ufffd\ufffd'],
  ['80', '\ufffd'],
] as const;

test('1.1.5: malformed UTF-8 and CESU-8 decode to the same number of replacement characters as in Java', () => {
  for (const [hex, text] of decodedByJava) assert.equal(textOf(hex), text, hex);
});

test('text without surrogates is unchanged, and each surrogate is read as one U+FFFD', () => {
  const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 });
  fc.assert(
    fc.property(units, (codes) => {
      const text = String.fromCharCode(...codes);
      const back = new Reader(written((writer) => writer.ustring(text))).ustring();
      assert.equal(back, text.replace(/[\ud800-\udfff]/g, '\ufffd'));
    }),
  );
});

test("a string longer than the writer's buffer is written completely, and so are later values", () => {
  const long = 'x'.repeat(100_000);
  const bytes = written((writer) => {
    writer.ustring(long);
    writer.int(7);
  });
  const reader = new Reader(bytes);
  assert.equal(reader.ustring(), long);
  assert.equal(reader.int(), 7);
  assert.equal(reader.remaining, 0);
});

test("long: every exact number, and its two halves, as a 64-bit two's complement", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      const bytes = written((writer) => writer.long(value));
      assert.equal(bytes.readBigInt64BE(), BigInt(value));
      assert.equal(new Reader(bytes).long(), value);
    }),
  );
});

test('long: a number beyond 2^53 is read as the nearest number', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), (value) => {
      const bytes = written((writer) => writer.longBig(value));
      assert.equal(new Reader(bytes).long(), Number(value));
      assert.equal(new Reader(bytes).longBig(), value);
    }),
  );
});

test('longBig takes a session id in either sign', () => {
  const unsigned = written((writer) => writer.longBig(0xff00_0000_0000_0001n));
  const signed = written((writer) => writer.longBig(0xff00_0000_0000_0001n - (1n << 64n)));
  assert.deepEqual(unsigned, signed);
});

test('byte and bool: one byte; any byte but zero reads as true, as in Java', () => {
  assert.equal(written((writer) => writer.bool(true)).toString('hex'), '01');
  assert.equal(written((writer) => writer.byte(0xfe)).toString('hex'), 'fe');
  assert.equal(new Reader(Buffer.from([2])).bool(), true);
  assert.equal(new Reader(Buffer.from([0])).bool(), false);
  assert.equal(new Reader(Buffer.from([0xfe])).byte(), 0xfe);
});

test('a negative length other than -1 is rejected, for strings and buffers', () => {
  const bytes = Buffer.from('fffffffe0000000000000000', 'hex');
  assert.throws(() => new Reader(bytes).ustring(), { name: 'ProtocolError', message: 'negative length -2 at byte 0' });
  assert.throws(() => new Reader(bytes).buffer(), ProtocolError);
});

test('a negative count other than -1 is an empty vector: ZooKeeper answers such a create with INVALIDACL', () => {
  assert.equal(new Reader(Buffer.from('fffffffe', 'hex')).count(12), 0);
  assert.equal(new Reader(Buffer.from('80000000', 'hex')).count(12), 0);
  assert.equal(new Reader(Buffer.from('ffffffff', 'hex')).count(12), -1);
});

test('a length beyond the end is rejected without an allocation', () => {
  const bytes = Buffer.from('7fffffff00', 'hex');
  const message = 'expected 2147483647 more bytes, but only 1 are left';
  assert.throws(() => new Reader(bytes).ustring(), { name: 'ProtocolError', message });
  assert.throws(() => new Reader(bytes).buffer(), { name: 'ProtocolError', message });
});

test('a reader stays inside its span, and can be moved to another span', () => {
  const bytes = Buffer.from('0000000100000002', 'hex');
  const reader = new Reader(bytes, 0, 4);
  assert.equal(reader.int(), 1);
  assert.throws(() => reader.int(), ProtocolError);
  assert.equal(reader.reset(bytes, 4).int(), 2);
  assert.equal(reader.reset(bytes, 2, 6).remaining, 4);
  reader.skip(4);
  assert.throws(() => reader.skip(1), ProtocolError);
});

test('a writer grows, keeps its bytes, and starts again with the same buffer', () => {
  const writer = new Writer(2);
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 20 }), (parts) => {
      writer.reset();
      for (const part of parts) writer.raw(part);
      assert.deepEqual(writer.view(), Buffer.concat(parts));
    }),
  );
  const room = writer.bytes;
  writer.reset();
  writer.reserve(room.length);
  assert.equal(writer.bytes, room);
});

test('raw copies a span of a Buffer and of a plain Uint8Array', () => {
  for (const source of [Buffer.from([1, 2, 3, 4]), Uint8Array.from([1, 2, 3, 4])]) {
    assert.deepEqual(
      written((writer) => writer.raw(source, 1, 3)),
      Buffer.from([2, 3]),
    );
  }
});
