import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transport } from '../../src/ports/network.js';
import { EarlyLearners } from '../../src/zab/early-learners.js';

function caller() {
  const state = { isClosed: false };
  return { state, transport: { destroy: () => void (state.isClosed = true) } as unknown as Transport };
}

test('connections before there is a leader are limited to 64 at once, 8 KiB each, for a second', () => {
  const early = new EarlyLearners();
  const patient = caller();
  early.take(patient.transport, 0)!.receive(Buffer.alloc(8 * 1024));
  const talkative = caller();
  early.take(talkative.transport, 0)!.receive(Buffer.alloc(8 * 1024 + 1));
  assert.deepEqual([patient.state.isClosed, talkative.state.isClosed], [false, true]);
  for (let count = 1; count < 64; count++) assert.notEqual(early.take(caller().transport, 10), undefined);
  assert.equal(early.take(caller().transport, 10), undefined);
  early.tick(999);
  assert.equal(patient.state.isClosed, false);
  early.tick(1000);
  assert.equal(patient.state.isClosed, true);
  assert.notEqual(early.take(caller().transport, 1000), undefined);
});

test('the leader receives what an early learner sent, and closes the early connections that it does not accept', () => {
  const early = new EarlyLearners();
  const [taken, refused, gone] = [caller(), caller(), caller()];
  const handlers = [taken, refused, gone].map(({ transport }) => early.take(transport, 0)!);
  for (const text of ['one ', 'two ']) handlers[0]!.receive(Buffer.from(text));
  handlers[2]!.closed('it has left');
  let heard = '';
  const calls: Transport[] = [];
  early.handOver((transport) => {
    calls.push(transport);
    if (transport !== taken.transport) return undefined;
    const closed = (reason: string) => void (heard += reason);
    return { receive: (chunk) => void (heard += chunk.toString()), drained() {}, ended() {}, closed };
  });
  assert.deepEqual(calls, [taken.transport, refused.transport]);
  assert.deepEqual([taken.state.isClosed, refused.state.isClosed], [false, true]);
  handlers[0]!.receive(Buffer.from('three '));
  handlers[0]!.closed('the end');
  assert.equal(heard, 'one two three the end');
});
