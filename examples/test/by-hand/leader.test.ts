import assert from 'node:assert/strict';
import { test } from 'node:test';
import { campaign, type Leadership } from '../../by-hand/leader.js';
import { connectTo, runExample, startLossyProxy, startTestServer, Told } from '../support/setup.js';

const path = '/examples/leader';

test('leader: when the leader is killed, another candidate takes over with a larger epoch', async (context) => {
  const server = await startTestServer(context);
  const zk = await connectTo(context, server);
  const first = runExample(context, 'by-hand/leader', server, 'first');
  const before = await first.line(/first leads, epoch/);
  const second = runExample(context, 'by-hand/leader', server, 'second');
  await second.line(/second is a candidate/);
  assert.equal(String((await zk.get(path)).data), 'first');
  await first.end('SIGKILL');
  const after = await second.line(/leads/);
  assert.match(after, /second leads, epoch/);
  const epoch = (line: string) => Number(line.split(' ').at(-1));
  assert.ok(epoch(after) > epoch(before), `${after} after ${before}`);
  assert.equal(await second.end('SIGINT'), 0);
  assert.equal(await zk.exists(path), null, 'the node of a leader that ends by ctrl-C is gone at once');
});

test('leader: a lost connection ends the term, and the next term has the same session and epoch', async (context) => {
  const server = await startTestServer(context);
  const proxy = await startLossyProxy(context, server);
  const stop = new AbortController();
  const terms = new Told<Leadership>();
  const running = campaign(`127.0.0.1:${proxy.port}`, 'me', leadUntilTold(terms), stop.signal);
  const first = await terms.next();
  proxy.cut();
  const second = await terms.next();
  assert.ok(first.signal.aborted);
  assert.equal(second.epoch, first.epoch);
  stop.abort();
  await running;
});

test('leader: a candidate whose session expires joins the election again with a new session', async (context) => {
  const server = await startTestServer(context);
  const proxy = await startLossyProxy(context, server);
  const observer = await connectTo(context, server);
  const stop = new AbortController();
  const terms = new Told<Leadership>();
  const running = campaign(`127.0.0.1:${proxy.port}`, 'me', leadUntilTold(terms), stop.signal);
  const first = await terms.next();
  const gone = observer.watch(path, { once: 'exists' });
  await gone.ready;
  proxy.cut({ close: true });
  assert.equal((await gone.next()).value?.type, 'NodeDeleted');
  proxy.open();
  const second = await terms.next();
  assert.ok(second.epoch > first.epoch);
  stop.abort();
  await running;
});

test('leader: after a lost reply to its create, the candidate recognizes the node as its own', async (context) => {
  const server = await startTestServer(context);
  const proxy = await startLossyProxy(context, server);
  const observer = await connectTo(context, server);
  await observer.createWithParents(path, 'somebody else', { mode: 'EPHEMERAL' });
  const stop = new AbortController();
  const terms = new Told<Leadership>();
  const running = campaign(`127.0.0.1:${proxy.port}`, 'me', leadUntilTold(terms), stop.signal);
  proxy.loseAnswerToNextCreate();
  await observer.delete(path);
  const { epoch } = await terms.next();
  assert.equal((await observer.exists(path))?.czxid, epoch);
  assert.equal(proxy.lost, 1);
  stop.abort();
  await running;
});

function leadUntilTold(terms: Told<Leadership>): (leadership: Leadership) => Promise<void> {
  return async (leadership) => {
    terms.tell(leadership);
    const { signal } = leadership;
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  };
}
