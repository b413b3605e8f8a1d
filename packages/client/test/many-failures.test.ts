import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { onAbort } from '../src/abort-signals.js';
import { calls } from '../src/calls.js';
import type { Scheduler } from '../src/core/ports.js';
import { Requests } from '../src/requests.js';
import { TestSession } from './support/test-session.js';

/** A scheduler whose turns start only when the test calls `run`. Timers fire in the next turn. */
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

/**
 * Makes requests that wait for a connection, and lets `fail` make them fail. Returns how many callers learnt of the
 * failure in each turn.
 */
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
  test(`callbacks of requests that fail together run in order, a few in each turn of the event loop: ${what}`, async () => {
    const byTurn = await failedByTurn(fail);
    assert.ok(Math.max(...byTurn) <= 200, `at most ${Math.max(...byTurn)} in a turn`);
    assert.ok(byTurn.length <= count / 200 + 1, `${byTurn.length} turns`);
  });
}

test('the callbacks of a few failures run at once, also in the next turn', async () => {
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

test('a signal of many requests has one listener, and none after the last request', () => {
  const { signal } = new AbortController();
  const forget = Array.from({ length: 1000 }, () => onAbort(signal, () => {}));
  assert.equal(getEventListeners(signal, 'abort').length, 1);
  for (const each of forget) each();
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('a listener of a signal is called once, and never after its removal, even during the abort', () => {
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
