import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  CreateFlag,
  type MultiOp,
  type MultiResult,
  OpCode,
  ProtocolError,
  Reader,
  ReadStat,
  readMultiRequest,
  readMultiResponse,
  records,
  Writer,
  writeCreateTTLRequest,
  writeMultiHeader,
  writeMultiRequest,
  writeMultiResponse,
} from '../src/index.js';
import { naiveEncode } from './naive-codec.js';
import { arbitraryOf } from './record-arbitrary.js';

const acl = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];
const create = { path: '/a', data: Buffer.from('x'), acl, flags: CreateFlag.PERSISTENT };
const requestBytes = (ops: readonly MultiOp[]) => {
  const writer = new Writer();
  writeMultiRequest(writer, ops);
  return Buffer.from(writer.view());
};
const responseBytes = (results: readonly MultiResult[]) => {
  const writer = new Writer();
  writeMultiResponse(writer, results);
  return Buffer.from(writer.view());
};
const headerOf = (type: number, done: boolean, err: number) => naiveEncode(records, 'MultiHeader', { type, done, err });
const end = headerOf(-1, true, -1);
const parsed = (op: MultiOp) => readMultiRequest(new Reader(requestBytes([op])))[0];

const nonNullAcl = (value: unknown) => (value as { acl: unknown }).acl !== null;
const recordWith = (record: string, fixed: object) =>
  arbitraryOf(records, record).map((value) => ({ ...(value as object), ...fixed }));

/** Write operations as a correct client sends them: the flags of a create match its type. */
const writeOp = fc.oneof(
  fc.constantFrom(0, 1, 2, 3).chain((flags) =>
    fc.record({
      type: fc.constantFrom(OpCode.create, OpCode.create2),
      request: recordWith('CreateRequest', { flags }).filter(nonNullAcl),
    }),
  ),
  fc.record({
    type: fc.constant(OpCode.createContainer),
    request: recordWith('CreateRequest', { flags: CreateFlag.CONTAINER }).filter(nonNullAcl),
  }),
  fc.record({
    type: fc.constant(OpCode.createTTL),
    request: recordWith('CreateTTLRequest', { flags: CreateFlag.PERSISTENT_WITH_TTL }),
  }),
  fc.record({ type: fc.constant(OpCode.delete), request: arbitraryOf(records, 'DeleteRequest') }),
  fc.record({ type: fc.constant(OpCode.setData), request: arbitraryOf(records, 'SetDataRequest') }),
  fc.record({ type: fc.constant(OpCode.check), request: arbitraryOf(records, 'CheckVersionRequest') }),
) as fc.Arbitrary<MultiOp>;

const readOp = fc.oneof(
  fc.record({ type: fc.constant(OpCode.getData), request: recordWith('GetDataRequest', { watch: false }) }),
  fc.record({ type: fc.constant(OpCode.getChildren), request: recordWith('GetChildrenRequest', { watch: false }) }),
) as fc.Arbitrary<MultiOp>;

const responseRecords = [
  [OpCode.create, 'CreateResponse'],
  [OpCode.create2, 'Create2Response'],
  [OpCode.setData, 'SetDataResponse'],
  [OpCode.getData, 'GetDataResponse'],
  [OpCode.getChildren, 'GetChildrenResponse'],
  [OpCode.error, 'ErrorResponse'],
] as const;
const result = fc.oneof(
  fc.record({ type: fc.constantFrom(OpCode.delete, OpCode.check) }, { noNullPrototype: true }),
  ...responseRecords.map(([type, record]) =>
    fc.record({ type: fc.constant(type), response: arbitraryOf(records, record) }, { noNullPrototype: true }),
  ),
) as fc.Arbitrary<MultiResult>;

test('1.14.1: multi and multiRead requests decode to the values that were encoded', () => {
  const ops = fc.oneof(fc.array(writeOp, { maxLength: 5 }), fc.array(readOp, { maxLength: 5 }));
  fc.assert(
    fc.property(ops, (list) => {
      const reader = new Reader(requestBytes(list));
      assert.deepEqual(
        readMultiRequest(reader),
        list.map((op) => ({ ...op })),
      );
      assert.equal(reader.remaining, 0);
    }),
  );
});

test('1.14.5: responses decode to the values that were encoded, including the errors in their headers', () => {
  fc.assert(
    fc.property(fc.array(result, { maxLength: 5 }), (list) => {
      const reader = new Reader(responseBytes(list));
      assert.deepEqual(readMultiResponse(reader), list);
      assert.equal(reader.remaining, 0);
    }),
  );
});

test('1.14: each operation is a header and a record, and a closing header follows', () => {
  const ops: MultiOp[] = [
    { type: OpCode.create, request: create },
    { type: OpCode.check, request: { path: '/a', version: 3 } },
  ];
  const expected = [
    headerOf(1, false, -1),
    naiveEncode(records, 'CreateRequest', create),
    headerOf(13, false, -1),
    naiveEncode(records, 'CheckVersionRequest', { path: '/a', version: 3 }),
    end,
  ];
  assert.deepEqual(requestBytes(ops), Buffer.concat(expected));
  assert.deepEqual(
    responseBytes([
      { type: OpCode.create, response: { path: '/a' } },
      { type: OpCode.check },
      { type: OpCode.error, response: { err: -101 } },
    ]),
    Buffer.concat([
      headerOf(1, false, 0),
      naiveEncode(records, 'CreateResponse', { path: '/a' }),
      headerOf(13, false, 0),
      headerOf(-1, false, -101),
      naiveEncode(records, 'ErrorResponse', { err: -101 }),
      end,
    ]),
  );
});

test('1.14.4: an empty multi is valid', () => {
  assert.deepEqual(requestBytes([]), end);
  assert.deepEqual(responseBytes([]), end);
  assert.deepEqual(readMultiRequest(new Reader(end)), []);
  assert.deepEqual(readMultiResponse(new Reader(end)), []);
});

test('1.14.2: a multi of reads and writes is rejected, in either order', () => {
  const write: MultiOp = { type: OpCode.check, request: { path: '/a', version: 0 } };
  const read: MultiOp = { type: OpCode.getData, request: { path: '/a', watch: false } };
  for (const ops of [
    [write, read],
    [read, write],
    [write, write, read],
  ]) {
    assert.throws(() => readMultiRequest(new Reader(requestBytes(ops))), ProtocolError);
  }
});

test('1.14.2: an operation that cannot be part of a multi is rejected', () => {
  const types = [OpCode.notification, OpCode.exists, OpCode.setACL, OpCode.multi, OpCode.deleteContainer, 10, 999, -1];
  for (const type of types) {
    const bytes = Buffer.concat([headerOf(type, false, -1), Buffer.alloc(64)]);
    assert.throws(() => readMultiRequest(new Reader(bytes)), {
      name: 'ProtocolError',
      message: `operation ${type} cannot be part of a multi`,
    });
  }
});

test('an unknown result type is rejected', () => {
  const bytes = Buffer.concat([headerOf(3, false, 0), Buffer.alloc(64)]);
  assert.throws(() => readMultiResponse(new Reader(bytes)), {
    name: 'ProtocolError',
    message: "unknown result type 3 in a multi's reply",
  });
});

test('1.14.13: a createTTL or createContainer result of another server decodes as create2', () => {
  const response = { path: '/a', stat: new ReadStat(1, 2, 3, 4, 5, 6, 7, 8n, 9, 10, 11) };
  for (const type of [OpCode.createTTL, OpCode.createContainer]) {
    const bytes = Buffer.concat([headerOf(type, false, 0), naiveEncode(records, 'Create2Response', response), end]);
    assert.deepEqual(readMultiResponse(new Reader(bytes)), [{ type: OpCode.create2, response }]);
  }
});

test('1.14.2: a create with an invalid create mode is rejected', () => {
  for (const type of [OpCode.create, OpCode.create2, OpCode.createContainer]) {
    for (const flags of [-1, 7, 0x7fffffff]) {
      assert.throws(() => parsed({ type, request: { ...create, flags } }), {
        name: 'ProtocolError',
        message: `invalid flag ${flags} for a create in a multi`,
      });
    }
    assert.throws(() => parsed({ type, request: { ...create, acl: null } }), ProtocolError);
  }
});

test('the flags of a create in a multi decide its kind, as in ZooKeeper 3.9.5', () => {
  for (const type of [OpCode.create, OpCode.create2, OpCode.createContainer]) {
    assert.deepEqual(parsed({ type, request: create }), { type, request: create });
    const container = { ...create, flags: CreateFlag.CONTAINER };
    assert.deepEqual(parsed({ type, request: container }), { type: OpCode.createContainer, request: container });
    for (const flags of [CreateFlag.PERSISTENT_WITH_TTL, CreateFlag.PERSISTENT_SEQUENTIAL_WITH_TTL]) {
      assert.throws(() => parsed({ type, request: { ...create, flags } }), ProtocolError);
    }
  }
});

test('a createTTL in a multi with flags of another mode is that create, and an unknown flag passes the decoder', () => {
  const type = OpCode.createTTL;
  const withTtl = { ...create, flags: CreateFlag.PERSISTENT_WITH_TTL, ttl: 5n };
  assert.deepEqual(parsed({ type, request: withTtl }), { type, request: withTtl });
  for (const [flags, becomes] of [
    [CreateFlag.PERSISTENT, OpCode.create],
    [CreateFlag.EPHEMERAL_SEQUENTIAL, OpCode.create],
    [CreateFlag.CONTAINER, OpCode.createContainer],
    [99, OpCode.create],
  ] as const) {
    const op = parsed({ type, request: { ...create, flags, ttl: 5n } });
    assert.deepEqual(op, { type: becomes, request: { ...create, flags } });
  }
});

test('1.14.12: reads in a multiRead set no watch, even if the request has the flag', () => {
  for (const type of [OpCode.getData, OpCode.getChildren]) {
    assert.deepEqual(parsed({ type, request: { path: '/a', watch: true } }), {
      type,
      request: { path: '/a', watch: false },
    });
  }
});

test('only `done` ends the list, with any type and err in its header', () => {
  const bytes = Buffer.concat([headerOf(1, true, 0), Buffer.alloc(3)]);
  const reader = new Reader(bytes);
  assert.deepEqual(readMultiRequest(reader), []);
  assert.equal(reader.remaining, 3);
});

test('a request or response that is cut at any byte throws ProtocolError', () => {
  const request = requestBytes([
    { type: OpCode.create, request: create },
    { type: OpCode.delete, request: { path: '/a', version: 1 } },
  ]);
  const response = responseBytes([{ type: OpCode.delete }, { type: OpCode.create, response: { path: '/a' } }]);
  for (let cut = 0; cut < request.length; cut++) {
    assert.throws(() => readMultiRequest(new Reader(request, 0, cut)), ProtocolError);
  }
  for (let cut = 0; cut < response.length; cut++) {
    assert.throws(() => readMultiResponse(new Reader(response, 0, cut)), ProtocolError);
  }
});

test('garbage after a valid start decodes or throws ProtocolError', () => {
  const types = [1, 2, 4, 5, 8, 13, 15, 19, 21, -1, 99];
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.uint8Array({ maxLength: 60 }), (type, tail) => {
      const bytes = Buffer.concat([headerOf(type, false, 0), tail]);
      for (const read of [readMultiRequest, readMultiResponse]) {
        try {
          read(new Reader(bytes));
        } catch (error) {
          assert.ok(error instanceof ProtocolError, String(error));
        }
      }
    }),
  );
});

test('a client can stream its operations with writeMultiHeader and the record writers', () => {
  const writer = new Writer();
  const request = { ...create, flags: CreateFlag.PERSISTENT_WITH_TTL, ttl: 1000n };
  writeMultiHeader(writer, { type: OpCode.createTTL, done: false, err: -1 });
  writeCreateTTLRequest(writer, request);
  writeMultiHeader(writer, { type: -1, done: true, err: -1 });
  assert.deepEqual(Buffer.from(writer.view()), requestBytes([{ type: OpCode.createTTL, request }]));
});
