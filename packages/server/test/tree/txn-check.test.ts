import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpCode, opTable, putTxnHeader, txnType, Writer, writeACL, writeVector } from '@nodekeeper/protocol';
import fc from 'fast-check';
import { openAcl } from '../../src/tree/acl-cache.js';
import { TxnApplier } from '../../src/tree/apply-txn.js';
import { DataTree } from '../../src/tree/data-tree.js';
import { Quotas } from '../../src/tree/quotas.js';
import { addSystemNodes } from '../../src/tree/system-nodes.js';
import { checkTxn } from '../../src/tree/txn-check.js';
import { WatchManager } from '../../src/watch/watch-manager.js';

const zxid = 7;

function txn(type: number, writeBody: (out: Writer) => void): Buffer {
  const out = new Writer(64);
  putTxnHeader(out, 5n, 1, zxid, 1000, type);
  writeBody(out);
  return Buffer.from(out.view());
}

function bodyOfCreate(out: Writer, path: string): void {
  out.ustring(path);
  out.buffer(Buffer.from('data'));
  writeVector(out, openAcl, writeACL);
}

function part(out: Writer, type: number, writeBody: (out: Writer) => void): void {
  const body = new Writer(64);
  writeBody(body);
  out.int(type);
  out.buffer(body.view());
}

const path = (name: string) => (out: Writer) => out.ustring(name);
const setData = (out: Writer) => {
  out.ustring('/a');
  out.buffer(null);
  out.int(3);
};
const create = (name: string) => (out: Writer) => {
  bodyOfCreate(out, name);
  out.bool(true);
  out.int(1);
};

/** One transaction of each kind that a leader sends to its learners. */
const samples: readonly Buffer[] = [
  txn(OpCode.create, create('/a/new')),
  txn(OpCode.create2, create('/new')),
  txn(OpCode.createContainer, (out) => {
    bodyOfCreate(out, '/container');
    out.int(1);
  }),
  txn(OpCode.createTTL, (out) => {
    bodyOfCreate(out, '/ttl');
    out.int(1);
    out.longBig(-1n);
  }),
  txn(OpCode.delete, path('/a')),
  txn(OpCode.deleteContainer, path('/missing')),
  txn(OpCode.setData, setData),
  txn(OpCode.reconfig, setData),
  txn(OpCode.setACL, (out) => {
    out.ustring('/');
    writeVector(out, [{ perms: 1, id: { scheme: 'ip', id: '10.0.0.1' } }], writeACL);
    out.int(2);
  }),
  txn(OpCode.check, path('/a')),
  txn(OpCode.error, (out) => out.int(-101)),
  txn(OpCode.createSession, (out) => out.int(4000)),
  txn(OpCode.closeSession, () => {}),
  txn(OpCode.closeSession, (out) => writeVector(out, ['/a', '/a/b'], (item, each) => item.ustring(each))),
  txn(OpCode.multi, (out) => {
    out.int(3);
    part(out, OpCode.create, create('/m'));
    part(out, OpCode.setData, setData);
    part(out, OpCode.delete, path('/a/b'));
  }),
  txn(OpCode.multi, (out) => {
    out.int(2);
    part(out, OpCode.check, path('/a'));
    part(out, OpCode.error, (body) => body.int(-101));
  }),
];

/** Applies a transaction to a tree that contains /a and /a/b. */
function apply(bytes: Buffer): void {
  const tree = new DataTree({
    digestEnabled: true,
    extendedTypesEnabled: true,
    emulate353TtlNodes: false,
    hashKey: [1, 2],
  });
  addSystemNodes(tree);
  const events = { sessionCreated() {}, sessionClosed() {} };
  const applier = new TxnApplier(tree, new WatchManager(0), new Quotas(tree), events);
  const body = new Writer(64);
  for (const name of ['/a', '/a/b']) {
    const existing = txn(OpCode.create, create(name));
    applier.apply(existing, 0, existing.length, body);
  }
  applier.apply(bytes, 0, bytes.length, body);
}

test('a transaction of every kind that a leader sends passes the check', () => {
  for (const bytes of samples) {
    checkTxn(bytes, zxid);
    apply(bytes);
  }
  const digest = Buffer.from('000000020000000100000002', 'hex');
  for (const bytes of samples) checkTxn(Buffer.concat([bytes, digest]), zxid);
});

test('every logged operation has a sample in this test', () => {
  const logged = Object.values(opTable).filter(({ kind }) => kind === 'write' || kind === 'session');
  const sampled = new Set(samples.map((bytes) => txnType(bytes)));
  assert.deepEqual(
    logged.map(({ number }) => number).filter((type) => !sampled.has(type)),
    [],
  );
});

test('a transaction that passes the check can be applied, however its bytes were changed', () => {
  let passed = 0;
  const change = fc.record({ at: fc.nat(120), value: fc.constantFrom(0, 1, 2, 4, 0x2f, 0x7f, 0x80, 0xff) });
  const mutated = fc.tuple(fc.constantFrom(...samples), fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(150));
  fc.assert(
    fc.property(mutated, ([sample, changes, length]) => {
      const bytes = Buffer.from(sample.subarray(0, length));
      for (const { at, value } of changes) if (at < bytes.length) bytes[at] = value;
      try {
        checkTxn(bytes, zxid);
      } catch (error) {
        assert.equal((error as Error).name, 'ProtocolError');
        return;
      }
      passed++;
      apply(bytes);
    }),
    { numRuns: 5000 },
  );
  assert(passed > 500, `only ${passed} were transactions`);
});
