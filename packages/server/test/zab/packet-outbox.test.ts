import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transport } from '../../src/ports/network.js';
import { PacketOutbox } from '../../src/zab/packet-outbox.js';

/** An outbox on a connection. The work that the outbox defers to the next turn runs when the test calls `turn`. */
function outbox() {
  const written: string[] = [];
  const turns: (() => void)[] = [];
  const line = { unsentBytes: 0, isClosed: false };
  const transport = {
    get unsentBytes() {
      return line.unsentBytes;
    },
    write: (bytes: Buffer) => {
      written.push(bytes.toString());
      return line.unsentBytes === 0;
    },
    destroy: () => void (line.isClosed = true),
  } as unknown as Transport;
  const out = new PacketOutbox(transport, (work) => turns.push(work));
  const turn = () => {
    for (const work of turns.splice(0)) work();
  };
  return { out, written, line, turn };
}

function bulkOf(...slices: string[]) {
  const bulk = { isAborted: false, next: () => nextOf(slices), abort: () => void (bulk.isAborted = true) };
  return bulk;
}

function nextOf(slices: string[]): Buffer | undefined {
  const slice = slices.shift();
  return slice === undefined ? undefined : Buffer.from(slice);
}

const ignore = () => {};

test('the packets of one turn leave with one write', () => {
  const { out, written, turn } = outbox();
  for (const packet of ['a', 'b']) out.send(Buffer.from(packet));
  assert.deepEqual(written, []);
  turn();
  out.send(Buffer.from('c'));
  turn();
  assert.deepEqual(written, ['ab', 'c']);
});

test('packets sent during a bulk are held until it ends, and then follow it or are dropped', () => {
  for (const isDropped of [false, true]) {
    const { out, written, turn } = outbox();
    out.send(Buffer.from('before'));
    out.sendBulk(bulkOf('1', '', '2'), ignore, () => (isDropped ? out.dropHeld() : out.sendHeld()));
    assert.deepEqual(written, ['before'], 'packets sent before the bulk are not held');
    out.send(Buffer.from('meanwhile'));
    for (let count = 0; count < 5; count++) turn();
    assert.deepEqual(written, ['before', '1', '2', ...(isDropped ? [] : ['meanwhile'])]);
    out.send(Buffer.from('after'));
    turn();
    assert.equal(written.at(-1), 'after');
  }
});

test('a bulk is sent no faster than the connection accepts it', () => {
  const { out, written, line, turn } = outbox();
  out.sendBulk(bulkOf('1', '2'), ignore, ignore);
  line.unsentBytes = 1;
  turn();
  assert.deepEqual(written, []);
  line.unsentBytes = 0;
  out.drained();
  assert.deepEqual(written, ['1']);
});

test('a closed outbox sends nothing, and aborts its bulk', () => {
  const { out, written, line, turn } = outbox();
  const bulk = bulkOf('1');
  out.sendBulk(bulk, ignore, ignore);
  out.close();
  out.send(Buffer.from('a'));
  turn();
  out.drained();
  assert.deepEqual([written, bulk.isAborted, line.isClosed], [[], true, true]);
});
