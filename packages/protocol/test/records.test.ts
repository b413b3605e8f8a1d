import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { codecByName, codecs, ProtocolError, Reader, type RecordName, records, Writer } from '../src/index.js';
import { fieldsOf, type Schema } from '../src/schema.js';
import { naiveEncode } from './naive-codec.js';
import { arbitraryOf } from './record-arbitrary.js';

const schema: Schema = records;
const codecOf = (name: string) => codecByName(name as RecordName);

function encode(name: string, value: unknown): Buffer {
  const writer = new Writer(1);
  codecOf(name).write(writer, value);
  return Buffer.from(writer.view());
}

test('every record of the tables has a codec, and every codec has a record', () => {
  assert.deepEqual(Object.keys(codecs).sort(), Object.keys(records).sort());
});

for (const name of Object.keys(records)) {
  test(`${name}: the bytes equal those of a naive codec, and decode to the same value`, () => {
    const property = fc.property(arbitraryOf(schema, name), fc.nat(5), (value, offset) => {
      const bytes = encode(name, value);
      assert.deepEqual(bytes, naiveEncode(schema, name, value));
      const shifted = Buffer.concat([Buffer.alloc(offset, 0x7f), bytes, Buffer.alloc(3, 0x7f)]);
      const reader = new Reader(shifted, offset, offset + bytes.length);
      assert.deepEqual(codecOf(name).read(reader), value);
      assert.equal(reader.remaining, 0);
    });
    fc.assert(property, { numRuns: 60 });
  });

  test(`${name}: a record that is cut at any byte throws ProtocolError`, () => {
    const property = fc.property(arbitraryOf(schema, name), (value) => {
      const bytes = encode(name, value);
      for (let end = 0; end < bytes.length; end++) {
        // The buffer also holds the bytes after the cut, which the reader must not read.
        assert.throws(() => codecOf(name).read(new Reader(bytes, 0, end)), ProtocolError, `cut at ${end}`);
      }
    });
    fc.assert(property, { numRuns: 15 });
  });
}

/** Random bytes. They often form a small, very large or negative length or count. */
const garbage = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc.constantFrom(
        [0, 0, 0, 0],
        [0, 0, 0, 2],
        [0xff, 0xff, 0xff, 0xff],
        [0xff, 0xff, 0xff, 0xfe],
        [0x7f, 0xff, 0xff, 0xff],
      ),
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.from(parts.flatMap((part) => [...part])));

test('every record decodes garbage to a value or throws ProtocolError', () => {
  const property = fc.property(garbage, fc.constantFrom(...Object.keys(records)), (bytes, name) => {
    const reader = new Reader(bytes);
    try {
      codecOf(name).read(reader);
    } catch (error) {
      assert.ok(error instanceof ProtocolError, `${name}: ${error}`);
    }
    assert.ok(reader.position <= reader.end);
  });
  fc.assert(property, { numRuns: 3000 });
});

test('a count that is too large is rejected before an entry is read or allocated', () => {
  const vectorsFirst = Object.entries(schema).filter(([, fields]) => Object.values(fields)[0]?.startsWith('vector'));
  assert.ok(vectorsFirst.length >= 4);
  for (const [name] of vectorsFirst) {
    const bytes = Buffer.alloc(64);
    bytes.writeInt32BE(0x7fffffff);
    const reader = new Reader(bytes);
    assert.throws(() => codecOf(name).read(reader), ProtocolError);
    assert.equal(reader.position, 4, `${name}: no read after the count`);
  }
});

test('a decoded value needs memory in proportion to its bytes: no count exceeds the bytes that remain', () => {
  const bytes = Buffer.alloc(4 + 4 * 1000, 0xff);
  bytes.writeInt32BE(1000);
  assert.equal(codecs.GetChildrenResponse.read(new Reader(bytes)).children?.length, 1000);
  bytes.writeInt32BE(1001);
  assert.throws(() => codecs.GetChildrenResponse.read(new Reader(bytes)), ProtocolError);
});

test('a buffer is a view of the frame, not a copy', () => {
  const frame = encode('SetDataRequest', { path: '/a', data: Buffer.from('before'), version: -1 });
  const { data } = codecs.SetDataRequest.read(new Reader(frame));
  assert.equal(data?.buffer, frame.buffer);
});

test('fixed sizes: Stat 68, StatPersisted 60, TxnHeader 32, FileHeader 16, LearnerInfo 20, ReplyHeader 16 bytes', () => {
  const sizes = { Stat: 68, StatPersisted: 60, TxnHeader: 32, FileHeader: 16, LearnerInfo: 20, ReplyHeader: 16 };
  for (const [name, size] of Object.entries(sizes)) {
    const zeros = fieldsOf(schema, name).map(([field, type]) => [field, type === 'long' ? 0n : 0]);
    assert.equal(encode(name, Object.fromEntries(zeros)).length, size, name);
  }
});

test('a decoded Stat can be written as JSON', () => {
  const fields = { czxid: 1, mzxid: 2, ctime: 3, mtime: 4, version: 5, cversion: 6, aversion: 7 };
  const more = { dataLength: 8, numChildren: 9, pzxid: 10 };
  const bytes = encode('Stat', { ...fields, ...more, ephemeralOwner: 0x100001e24310000n });
  const stat = codecs.Stat.read(new Reader(bytes));
  assert.deepEqual(JSON.parse(JSON.stringify({ stat })), {
    stat: { ...fields, ...more, ephemeralOwner: '0x100001e24310000' },
  });
});
