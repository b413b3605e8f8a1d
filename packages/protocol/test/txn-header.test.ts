import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  codecs,
  putTxnHeader,
  Reader,
  records,
  setTxnType,
  type TxnHeader,
  txnCxid,
  txnHeaderBytes,
  txnSessionId,
  txnTimeMs,
  txnType,
  txnZxid,
  Writer,
} from '../src/index.js';
import { arbitraryOf } from './record-arbitrary.js';

const headers = arbitraryOf(records, 'TxnHeader') as fc.Arbitrary<TxnHeader>;

function encode(header: TxnHeader, offset: number): Buffer {
  const writer = new Writer();
  writer.raw(Buffer.alloc(offset, 0x7f));
  codecs.TxnHeader.write(writer, header);
  return writer.view();
}

test('each field of a TxnHeader is read at the offset where the codec writes it', () => {
  const property = fc.property(headers, fc.nat(5), (header, start) => {
    const bytes = encode(header, start);
    assert.equal(bytes.length, start + txnHeaderBytes);
    assert.equal(txnSessionId(bytes, start), header.clientId);
    assert.equal(txnCxid(bytes, start), header.cxid);
    assert.equal(txnZxid(bytes, start), header.zxid);
    assert.equal(txnTimeMs(bytes, start), header.time);
    assert.equal(txnType(bytes, start), header.type);
  });
  fc.assert(property);
});

test("a TxnHeader written field by field equals the codec's bytes", () => {
  const property = fc.property(headers, (header) => {
    const writer = new Writer();
    putTxnHeader(writer, header.clientId, header.cxid, header.zxid, header.time, header.type);
    assert.deepEqual(writer.view(), encode(header, 0));
  });
  fc.assert(property);
});

test('setting the type of a TxnHeader changes nothing else', () => {
  const property = fc.property(headers, fc.nat(5), fc.integer(), (header, start, type) => {
    const bytes = encode(header, start);
    setTxnType(bytes, start, type);
    assert.deepEqual(codecs.TxnHeader.read(new Reader(bytes, start)), { ...header, type });
  });
  fc.assert(property);
});
