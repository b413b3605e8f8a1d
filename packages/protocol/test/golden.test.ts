import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as protocol from '../src/index.js';
import { type AnyCodec, codecByName, OpCode, Reader, type RecordName, sessionPassword, Writer } from '../src/index.js';

/*
 * Bytes from a real Apache ZooKeeper 3.9.5 (interop/src/capture-golden.ts). The tests decode these bytes, encode the
 * result again, and expect the same bytes.
 */
interface GoldenFrame {
  operation: string;
  direction: 'request' | 'reply' | 'event';
  record: string | null;
  frame: string;
  body: string;
  value: unknown;
}

const golden = new URL('../../testdata/golden/', import.meta.url);
const load = (name: string) => JSON.parse(readFileSync(new URL(name, golden), 'utf8'));
const frames: GoldenFrame[] = load('frames.json');

function codecOf(record: string): AnyCodec {
  switch (record) {
    case 'MultiRequest':
      return { read: protocol.readMultiRequest, write: protocol.writeMultiRequest as AnyCodec['write'] };
    case 'MultiResponse':
      return { read: protocol.readMultiResponse, write: protocol.writeMultiResponse as AnyCodec['write'] };
    default:
      return codecByName(record as RecordName);
  }
}

/** Decodes a record from the reader, encodes the record again into the writer, and returns it. */
function copy(record: string, reader: Reader, writer: Writer): unknown {
  const value = codecOf(record).read(reader);
  codecOf(record).write(writer, value);
  return value;
}

/**
 * Compares a decoded value with the value that `capture-golden.ts` wrote. That script tags longs and buffers, and
 * writes zxids and times as longs.
 */
function assertMatches(ours: unknown, theirs: unknown, at: string): void {
  if (Buffer.isBuffer(ours)) {
    assert.deepEqual(theirs, { $hex: ours.toString('hex') }, at);
  } else if (Array.isArray(ours)) {
    assert.equal((theirs as unknown[]).length, ours.length, at);
    for (const [index, item] of ours.entries()) assertMatches(item, (theirs as unknown[])[index], `${at}[${index}]`);
  } else if (typeof ours === 'object' && ours !== null) {
    for (const [key, item] of Object.entries(ours)) {
      assertMatches(item, (theirs as Record<string, unknown>)[key], `${at}.${key}`);
    }
  } else if (isTaggedLong(theirs)) {
    assert.equal(String(ours), theirs.$long, at);
  } else {
    assert.equal(typeof ours === 'bigint' ? Number(ours) : ours, theirs, at);
  }
}

function isTaggedLong(value: unknown): value is { $long: string } {
  return typeof value === 'object' && value !== null && '$long' in value;
}

for (const [index, { operation, direction, record, frame, value }] of frames.entries()) {
  test(`golden frame ${index}: ${operation} ${direction} decodes, and encodes to the bytes of ZooKeeper 3.9.5`, () => {
    const bytes = Buffer.from(frame, 'hex');
    const reader = new Reader(bytes);
    const writer = new Writer();
    if (operation !== 'connect') {
      const header = copy(direction === 'request' ? 'RequestHeader' : 'ReplyHeader', reader, writer);
      if (direction === 'request') {
        assert.equal((header as protocol.RequestHeader).type, OpCode[operation as protocol.OpName]);
      }
    }
    if (record !== null) {
      const body = copy(record, reader, writer);
      if (value !== null && !record.startsWith('Multi')) assertMatches(body, value, record);
    }
    assert.equal(reader.remaining, 0, 'every byte was read');
    assert.equal(writer.view().toString('hex'), frame);
  });
}

test('golden frames: the operation table names the record that ZooKeeper sent or accepted', () => {
  for (const { operation, direction, record } of frames) {
    if (direction === 'event' || operation === 'connect' || record === null) continue;
    const { request, response } = protocol.opTable[operation as protocol.OpName];
    const named = direction === 'request' ? request : response;
    assert.equal(named === 'multi' ? `Multi${direction === 'request' ? 'Request' : 'Response'}` : named, record);
  }
});

test('golden frames: all operations of the client protocol are there, except reconfig, SASL and internal ones', () => {
  const seen = new Set(frames.map(({ operation }) => operation));
  const left = Object.keys(protocol.opTable).filter((operation) => !seen.has(operation));
  assert.deepEqual(left.sort(), ['check', 'createSession', 'error', 'reconfig', 'sasl']);
});

test('golden handshake: the password is the one that sessionPassword computes', () => {
  const { frame } = frames.find(({ record }) => record === 'ConnectResponse')!;
  const { sessionId, passwd } = protocol.readConnectResponse(new Reader(Buffer.from(frame, 'hex')));
  assert.deepEqual(passwd, sessionPassword(sessionId));
});

const txnRecords = new Map<number, string>([
  [OpCode.create, 'CreateTxn'],
  [OpCode.create2, 'CreateTxn'],
  [OpCode.createContainer, 'CreateContainerTxn'],
  [OpCode.createTTL, 'CreateTTLTxn'],
  [OpCode.delete, 'DeleteTxn'],
  [OpCode.deleteContainer, 'DeleteTxn'],
  [OpCode.setData, 'SetDataTxn'],
  [OpCode.setACL, 'SetACLTxn'],
  [OpCode.check, 'CheckVersionTxn'],
  [OpCode.multi, 'MultiTxn'],
  [OpCode.createSession, 'CreateSessionTxn'],
  [OpCode.closeSession, 'CloseSessionTxn'],
  [OpCode.error, 'ErrorTxn'],
]);

/**
 * Decodes the body of a transaction from the reader, and encodes it again into the writer. Checks the transactions
 * inside a multi in the same way.
 */
function copyTxn(type: number, reader: Reader, writer: Writer): void {
  const record = txnRecords.get(type);
  assert.ok(record, `transaction type ${type}`);
  const txn = copy(record, reader, writer);
  if (record !== 'MultiTxn') return;
  for (const { type, data } of (txn as protocol.MultiTxn).txns!) {
    const inner = new Writer();
    copyTxn(type, new Reader(data!), inner);
    assert.deepEqual(inner.view(), data);
  }
}

test('golden log: every transaction of a file of ZooKeeper encodes to the same bytes', () => {
  const bytes = Buffer.from(load('none/log.1.json').hex, 'hex');
  const reader = new Reader(bytes);
  const writer = new Writer();
  copy('FileHeader', reader, writer);
  const types = new Set<number>();
  while (reader.remaining > 0) {
    writer.longBig(reader.longBig());
    const length = reader.int();
    writer.int(length);
    const entry = new Reader(bytes, reader.position, reader.position + length);
    const { type } = copy('TxnHeader', entry, writer) as protocol.TxnHeader;
    copyTxn(type, entry, writer);
    // ZooKeeper logs a refused request without a digest, but a failed multi with a digest.
    if (type !== OpCode.error) copy('TxnDigest', entry, writer);
    assert.equal(entry.remaining, 0);
    types.add(type);
    reader.skip(length);
    writer.byte(reader.byte());
  }
  assert.deepEqual(writer.view(), bytes);
  assert.deepEqual(
    [...txnRecords.keys()].filter((type) => !types.has(type)),
    [OpCode.check],
  );
});

for (const file of readdirSync(new URL('none/', golden)).filter((name) => name.startsWith('snapshot.'))) {
  const name = `none/${file}`;
  test(`golden ${name}: every record of a snapshot of ZooKeeper encodes to the same bytes`, () => {
    const bytes = Buffer.from(load(name).hex, 'hex');
    const reader = new Reader(bytes);
    const writer = new Writer();
    copy('FileHeader', reader, writer);
    const repeat = (each: () => void) => {
      const count = reader.int();
      writer.int(count);
      for (let index = 0; index < count; index++) each();
    };
    repeat(() => {
      writer.longBig(reader.longBig());
      writer.int(reader.int());
    });
    repeat(() => {
      writer.long(reader.long());
      const acl = protocol.readVector(reader, 12, protocol.readACL);
      protocol.writeVector(writer, acl, protocol.writeACL);
    });
    for (;;) {
      const path = reader.ustring();
      writer.ustring(path);
      if (path === '/') break;
      writer.buffer(reader.buffer());
      writer.long(reader.long());
      copy('StatPersisted', reader, writer);
    }
    writer.raw(bytes, reader.position);
    assert.deepEqual(writer.view(), bytes);
  });
}
