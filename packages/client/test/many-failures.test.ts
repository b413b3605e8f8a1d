import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { onAbort } from '../src/abort-signals.js';
import { calls } from '../src/calls.js';
import type { Scheduler } from '../src/core/ports.js';
import { Requests } from '../src/requests.js';
import { TestSession } from './support/test-session.js';

/** Timers that ring when the test says so, one turn after the other. */
class Turns implements Scheduler {
  #due: (() => void)[] = [];

  monotonicMs(): number {
    return 0;
  }

  nextTurn(work: () => void): void {
    this.#due.push(work);
  }

  after(_delayMs: number, work: () => void): () => void {
    this.#due.push(work);
    return () => {};
  }

  get isDue(): boolean {
    return this.#due.length > 0;
  }

  run(): void {
    for (const work of this.#due.splice(0)) work();
  }
}

const count = 10_000;

/** Makes requests that wait for a connection, lets them fail, and gives how many were told so in each turn. */
async function failedByTurn(
  fail: (session: TestSession['session'], abort: AbortController) => void,
): Promise<number[]> {
  const { session } = new TestSession();
  session.start();
  const turns = new Turns();
  const requests = new Requests(session as never, turns, 0, '');
  const abort = new AbortController();
  const { signal } = abort;
  const told: string[] = [];
  for (let number = 0; number < count; number++) {
    const path = `/${number}`;
    const body = { path, watch: false };
    void requests
      .send(calls.get, path, path, body, () => undefined, { signal })
      .then(({ error }) => told.push(error!.path!));
  }
  fail(session, abort);
  const byTurn: number[] = [];
  for (let isOver = false; !isOver; isOver = !turns.isDue) {
    if (byTurn.length > 0) turns.run();
    const before = byTurn.reduce((sum, each) => sum + each, 0);
    await new Promise(setImmediate);
    byTurn.push(told.length - before);
  }
  assert.deepEqual(
    told,
    Array.from({ length: count }, (_, number) => `/${number}`),
    'in order, and each once',
  );
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  return byTurn;
}

for (const [what, fail] of [
  ['the client is closed', (session) => session.closeNow()],
  ['their signal is aborted', (_session, abort) => abort.abort()],
] as const satisfies [string, Parameters<typeof failedByTurn>[0]][]) {
  test(`requests that fail at one time are told so in order, and few in each turn of the event loop: ${what}`, async () => {
    const byTurn = await failedByTurn(fail);
    assert.ok(Math.max(...byTurn) <= 200, `at most ${Math.max(...byTurn)} in a turn`);
    assert.ok(byTurn.length <= count / 200 + 1, `${byTurn.length} turns`);
  });
}

test('a few failures are told at once, and again in the next turn', async () => {
  const { session } = new TestSession();
  session.closeNow();
  const turns = new Turns();
  const requests = new Requests(session as never, turns, 0, '');
  for (let round = 0; round < 5; round++) {
    let told = 0;
    for (let number = 0; number < 200; number++) {
      void requests.send(calls.sync, '/', '/', { path: '/' }, () => undefined).then(() => told++);
    }
    await new Promise(setImmediate);
    assert.equal(told, 200);
    turns.run();
  }
  assert.equal(turns.isDue, false);
});

test('however many listen to a signal, it has one listener; and none when nobody listens any more', () => {
  const { signal } = new AbortController();
  const forget = Array.from({ length: 1000 }, () => onAbort(signal, () => {}));
  assert.equal(getEventListeners(signal, 'abort').length, 1);
  for (const each of forget) each();
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('whoever listens to a signal is called once, and not when it has left, be it meanwhile', () => {
  const abort = new AbortController();
  const called: string[] = [];
  onAbort(abort.signal, () => {
    called.push('first');
    forgetSecond();
  });
  const forgetSecond = onAbort(abort.signal, () => called.push('second'));
  onAbort(abort.signal, () => called.push('third'));
  abort.abort();
  abort.abort();
  assert.deepEqual(called, ['first', 'third']);
});
