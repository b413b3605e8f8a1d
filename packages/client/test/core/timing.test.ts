import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomFrom } from '@nodekeeper/server/testing';
import { Alarm } from '../../src/core/alarm.js';
import { KeepAlive } from '../../src/core/keep-alive.js';
import { reconnectDelayMs, timingOf } from '../../src/core/timing.js';
import { resolveOptions } from '../../src/options.js';
import { ManualScheduler } from '../support/manual-ports.js';
import { TestSession, welcome } from '../support/test-session.js';

test('a ping is due after a third of the timeout, a new server after two thirds, the expiry after four thirds', () => {
  const { pingMs, readMs, expireMs } = timingOf(30_000, 3, true);
  assert.deepEqual([pingMs, readMs, expireMs], [10_000, 20_000, 40_000]);
});

test('an attempt to connect leaves time for the other servers, and has a minimum', () => {
  for (const servers of [1, 2, 3, 5]) assert(timingOf(30_000, servers, true).connectMs <= 30_000 / servers);
  assert.equal(timingOf(30_000, 5, true).connectMs, 6000);
  assert(timingOf(1, 7, true).connectMs >= 1);
  assert.equal(timingOf(1, 7, false).connectMs, 500, 'the server will grant more');
  assert.equal(timingOf(30_000, 5, false).connectMs, 6000);
});

test('the delay before an attempt is a random part of a bound that doubles with each round through the servers', () => {
  const bound = (attempt: number, servers: number) =>
    reconnectDelayMs(attempt, servers, { base: 100, max: 2000 }, 60_000, () => 1);
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 6].map((attempt) => bound(attempt, 3)),
    [100, 100, 100, 200, 200, 200, 400],
  );
  assert.deepEqual(
    [0, 1, 2, 3].map((attempt) => bound(attempt, 1)),
    [100, 200, 400, 800],
  );
  assert.equal(bound(9, 1), 2000);
  assert.equal(bound(1e9, 1), 2000);
});

test('the delay is spread over its whole range, so that clients do not connect at the same time', () => {
  const random = randomFrom(1);
  const delays = Array.from({ length: 4000 }, () => reconnectDelayMs(0, 1, { base: 100, max: 2000 }, 60_000, random));
  for (let part = 0; part < 10; part++) {
    const share = delays.filter((delay) => delay >= part * 10 && delay < part * 10 + 10).length;
    assert(share > 320 && share < 480, `${share} of 4000 from ${part * 10} ms`);
  }
});

test('no delay takes more than a quarter of the session', () => {
  assert.equal(
    reconnectDelayMs(50, 1, { base: 100, max: 60_000 }, 4000, () => 1),
    1000,
  );
});

/** Returns how long a session waits before each of `count` attempts to connect, if all attempts fail. */
function pausesMs(test: TestSession, count: number): number[] {
  return Array.from({ length: count }, () => {
    const startMs = test.ports.scheduler.nowMs;
    test.link.close('refused');
    test.waitForDial();
    return test.ports.scheduler.nowMs - startMs;
  });
}

test('7.2 a session connects at once first; then it pauses, longer with each round, up to 2 s', () => {
  // the session has three servers, and the random number 1 makes every pause as long as possible
  const test = new TestSession({ sessionTimeoutMs: 60_000 }, () => 1);
  test.session.start();
  assert.equal(test.ports.links.length, 1, 'no time has passed');
  assert.deepEqual(
    pausesMs(test, 18),
    [100, 100, 200, 200, 200, 400, 400, 400, 800, 800, 800, 1600, 1600, 1600, 2000, 2000, 2000, 2000],
  );
  test.accept({ timeOut: 60_000 });
  assert.deepEqual(pausesMs(test, 4), [100, 100, 100, 200], 'a granted session resets the pauses');
});

test('7.2 a session pauses for no more than a quarter of its timeout, and for a random part of that', () => {
  const short = new TestSession({ sessionTimeoutMs: 1200, servers: [{ host: 'a', port: 2181 }] }, () => 1);
  short.session.start();
  assert.deepEqual(pausesMs(short, 4), [200, 300, 300, 300]);
  const lucky = new TestSession({ sessionTimeoutMs: 60_000 }, () => 0.1);
  lucky.session.start();
  assert.deepEqual(pausesMs(lucky, 6), [10, 10, 20, 20, 20, 40]);
});

test('7.2 reconnectDelayMs sets the pauses; the default is 100 ms to 2 s', () => {
  assert.deepEqual(resolveOptions('a', {}).session.reconnectDelay, { base: 100, max: 2000 });
  const { reconnectDelay } = resolveOptions('a', { reconnectDelayMs: { base: 30, max: 70 } }).session;
  const test = new TestSession({ sessionTimeoutMs: 60_000, reconnectDelay }, () => 1);
  test.session.start();
  assert.deepEqual(pausesMs(test, 8), [30, 30, 60, 60, 60, 70, 70, 70]);
});

test('after a granted session, a client reconnects as quickly as at first', () => {
  const test = new TestSession({ sessionTimeoutMs: 60_000 });
  test.session.start();
  for (let count = 0; count < 15; count++) {
    test.link.close('refused');
    test.waitForDial();
  }
  test.accept({ timeOut: 60_000 });
  const lostMs = test.ports.scheduler.nowMs;
  test.link.close();
  test.waitForDial();
  assert(test.ports.scheduler.nowMs - lostMs <= 50);
});

// ---- the timer

interface Rings {
  readonly scheduler: ManualScheduler;
  readonly alarm: Alarm;
  readonly rings: number[];
  deadlineMs: number;
}

function alarmAt(deadlineMs: number): Rings {
  const scheduler = new ManualScheduler();
  const rings: number[] = [];
  const test: Rings = {
    scheduler,
    rings,
    deadlineMs: scheduler.nowMs + deadlineMs,
    alarm: new Alarm(
      scheduler,
      () => test.deadlineMs,
      (nowMs) => {
        rings.push(nowMs - 1000);
        if (nowMs >= test.deadlineMs) test.deadlineMs = Number.POSITIVE_INFINITY;
      },
    ),
  };
  test.alarm.update();
  return test;
}

test('a deadline that moves a thousand times costs one timer', () => {
  const test = alarmAt(1000);
  for (let step = 0; step < 1000; step++) {
    test.deadlineMs++;
    test.alarm.update();
  }
  assert.equal(test.scheduler.timerCount, 1);
  test.scheduler.advance(3000);
  assert.equal(test.rings.at(-1), 2000);
  assert.equal(test.rings.length, 2, 'once early, and once at the deadline');
});

test('an earlier deadline is kept', () => {
  const test = alarmAt(1000);
  test.deadlineMs = 1000 + 300;
  test.alarm.update();
  test.scheduler.advance(300);
  assert.deepEqual(test.rings, [300]);
});

test('a stopped alarm does not ring', () => {
  const test = alarmAt(100);
  test.alarm.stop();
  test.scheduler.advance(1000);
  assert.deepEqual(test.rings, []);
  assert.equal(test.scheduler.timerCount, 0);
});

test('a process that stood still reads the received messages before it checks deadlines', () => {
  const test = alarmAt(1000);
  test.scheduler.stall(5000);
  test.scheduler.advance(0);
  assert.deepEqual(test.rings, [], 'not yet');
  test.scheduler.advance(50);
  assert.deepEqual(test.rings, [5050]);
});

test('a process that stands still again and again still checks its deadlines', () => {
  const test = alarmAt(1000);
  test.scheduler.stall(5000);
  test.scheduler.advance(0);
  test.scheduler.stall(5000);
  test.scheduler.advance(0);
  assert.deepEqual(test.rings, [10_000]);
});

test('a timer that is slightly late does not count as a standstill', () => {
  const test = alarmAt(1000);
  test.scheduler.stall(1150);
  test.scheduler.advance(0);
  assert.deepEqual(test.rings, [1150]);
});

// ---- servers that send nothing

test('silence counts from the last received message, and pings from the last sent one', () => {
  const keepAlive = new KeepAlive(timingOf(3000, 1, true), 0);
  keepAlive.heard(100);
  keepAlive.sent(400);
  assert.equal(keepAlive.pingDueMs, 1400);
  assert.equal(keepAlive.givenUpMs, 2100);
  assert.equal(keepAlive.expiredMs, 4100);
  assert.equal(keepAlive.silenceMs(150.4), 50);
});

test('a ping is timed by its own answer, never by an answer on another connection', () => {
  const keepAlive = new KeepAlive(timingOf(3000, 1, true), 0);
  keepAlive.pinged(100);
  keepAlive.disconnected();
  keepAlive.heard(900);
  keepAlive.ponged();
  assert.equal(keepAlive.pingMs, undefined);
  keepAlive.pinged(1000);
  keepAlive.heard(1007);
  keepAlive.ponged();
  keepAlive.heard(1500);
  keepAlive.ponged();
  assert.equal(keepAlive.pingMs, 7, 'an answer without a ping changes nothing');
  assert.equal(keepAlive.pings, 2);
});

test('a reply confirms the time at which its own request was sent, not the time of a later message', () => {
  const test = new TestSession().connected();
  const { scheduler } = test.ports;
  const sentMs = scheduler.nowMs;
  const [first, second] = [test.get('/a'), test.get('/b')];
  scheduler.runTurns();
  scheduler.advance(300);
  const third = test.get('/c');
  scheduler.advance(100);
  test.answer(first, 1, {}, -101);
  assert.ok(test.session.counters.confirmedMs! < sentMs + 1);
  test.answer(second, 2, {}, -101);
  assert.equal(test.session.counters.confirmedMs, sentMs);
  scheduler.advance(1000); // sends a ping, but no request
  test.answer(third, 3, {}, -101);
  assert.equal(test.session.counters.confirmedMs, sentMs, 'the third request was sent before the ping');
  test.answer(test.get('/d'), 4, {}, -101);
  assert.equal(test.session.counters.confirmedMs, scheduler.nowMs);
});

test('a reply to a ping never confirms the time of a later ping', () => {
  const keepAlive = new KeepAlive(timingOf(3000, 1, true), 0);
  const reply = (nowMs: number) => {
    keepAlive.heard(nowMs);
    keepAlive.ponged();
    return keepAlive.confirmedMs;
  };
  keepAlive.pinged(1000);
  keepAlive.pinged(2000);
  assert.equal(reply(2001), 1000);
  assert.equal(keepAlive.pingMs, 1001);
  keepAlive.pinged(3000);
  assert.equal(reply(3001), 1000, 'this is the reply to the second ping, which was not timed');
  assert.equal(reply(3002), 1000, 'this is the reply to the third ping, sent before the second one had its reply');
  keepAlive.pinged(4000);
  assert.equal(reply(4001), 4000);
});

test('the grant of a session confirms the time of the greeting, not of credentials that were sent after it', () => {
  const test = new TestSession();
  test.session.start();
  test.link.connect();
  const greetedMs = test.ports.scheduler.nowMs;
  test.ports.scheduler.advance(200);
  test.session.addAuth({ scheme: 'digest', auth: Buffer.from('u:p'), done: undefined });
  test.ports.scheduler.runTurns();
  test.link.receive(welcome());
  assert.equal(test.session.counters.confirmedMs, greetedMs);
});

test('an idle client pings after a third of the granted timeout, not of the requested one', () => {
  const test = new TestSession({ sessionTimeoutMs: 30_000 }).connected({ timeOut: 6000 });
  test.ports.scheduler.advance(1990);
  assert.deepEqual(test.sentOps(), []);
  test.ports.scheduler.advance(20);
  assert.deepEqual(test.sentOps(), ['ping']);
});

test('a new list of servers does not change how often a client pings', () => {
  const test = new TestSession({ sessionTimeoutMs: 30_000 }).connected({ timeOut: 6000 });
  test.session.updateServers([{ host: 'a', port: 2181 }]);
  test.ports.scheduler.advance(2010);
  assert.deepEqual(test.sentOps(), ['ping']);
});

test('a client that sends requests does not ping', () => {
  const test = new TestSession().connected();
  for (let step = 1; step <= 10; step++) {
    test.ports.scheduler.advance(900);
    test.answer(test.get('/a'), step, {}, -101);
  }
  assert.equal(test.session.counters.pings, 0);
});

test('a client leaves a server that sends nothing for two thirds of the timeout, even while it sends requests', () => {
  const test = new TestSession().connected();
  for (let step = 0; step < 19; step++) {
    test.get('/a');
    test.ports.scheduler.advance(100);
  }
  assert.equal(test.session.state, 'CONNECTED');
  test.ports.scheduler.advance(110);
  assert.deepEqual(test.told, ['SyncConnected', 'Disconnected']);
  assert.match(test.session.lastProblem, /the server sent nothing for 20\d\d ms/);
});

test('an answer that arrived while the process stood still counts: the client keeps its server', () => {
  const test = new TestSession().connected();
  test.ports.scheduler.advance(500);
  const request = test.get('/a');
  test.ports.scheduler.stall(2500);
  test.ports.scheduler.advance(0);
  test.answer(request, 5, {}, -101);
  test.ports.scheduler.advance(60);
  assert.equal(test.session.state, 'CONNECTED');
  assert.equal(request.end, 'NONODE, rejected');
});

test('without a server a session expires after four thirds of its timeout, and not earlier', () => {
  const test = new TestSession().connected();
  test.link.close();
  const startMs = test.ports.scheduler.nowMs;
  const refuse = () => {
    if (!test.link.isDestroyed) test.link.close('refused');
  };
  while (test.ports.scheduler.nowMs < startMs + 3990) {
    refuse();
    test.ports.scheduler.advance(10);
  }
  assert.equal(test.session.state, 'CONNECTING');
  test.ports.scheduler.advance(20);
  assert.deepEqual(test.told, ['SyncConnected', 'Disconnected', 'Expired']);
  assert.equal(test.ports.scheduler.timerCount, 0, 'no timer is left');
});

test('a client that never had a session tries without limit', () => {
  const test = new TestSession();
  test.session.start();
  for (let step = 0; step < 1000; step++) {
    if (!test.link.isDestroyed) test.link.close('refused');
    test.ports.scheduler.advance(100);
  }
  assert.equal(test.session.state, 'CONNECTING');
  assert(test.ports.links.length > 100);
  assert.deepEqual(test.told, []);
});
