import assert from 'node:assert/strict';
import { test } from 'node:test';
import { register, run, Services } from '../../by-hand/registry.js';
import { connectTo, runExample, startLossyProxy, startTestServer, Told } from '../support/setup.js';

test('registry: every client sees an instance start, stop and die', async (context) => {
  const server = await startTestServer(context);
  const first = runExample(context, 'by-hand/registry', server, '8001');
  await first.line(/^web: 127.0.0.1:8001$/);
  const second = runExample(context, 'by-hand/registry', server, '8002');
  await first.line(/^web: 127.0.0.1:8001 127.0.0.1:8002$/);
  await second.line(/^web: 127.0.0.1:8001 127.0.0.1:8002$/);
  assert.equal(await second.end('SIGINT'), 0);
  await first.line(/^web: 127.0.0.1:8001$/);
  const third = runExample(context, 'by-hand/registry', server, '8003');
  await first.line(/^web: 127.0.0.1:8001 127.0.0.1:8003$/);
  await third.end('SIGKILL');
  await first.line(/^web: 127.0.0.1:8001$/);
});

test('registry: after a lost reply to the announcement there is only one instance', async (context) => {
  const server = await startTestServer(context);
  const proxy = await startLossyProxy(context, server);
  const observer = await connectTo(context, server);
  await observer.createWithParents('/examples/services/web');
  const zk = await connectTo(context, proxy);
  proxy.loseAnswerToNextCreate();
  await register(zk, 'web', { host: 'here', port: 1 });
  assert.equal(zk.stats().disconnects, 1);
  assert.equal((await observer.children('/examples/services/web')).children.length, 1);
});

test('registry: when the session expires, the instance is announced again', async (context) => {
  const server = await startTestServer(context);
  const proxy = await startLossyProxy(context, server);
  const observer = await connectTo(context, server);
  const watch = observer.watch('/examples/services', { recursive: true });
  await watch.ready;
  const stop = new AbortController();
  const running = run(`127.0.0.1:${proxy.port}`, { host: 'me', port: 1 }, () => {}, stop.signal);
  const next = async (wanted: string) => {
    for (;;) {
      const { value } = await watch.next();
      if (value === undefined) throw new Error('the watch ended');
      if (value.type === wanted && value.path.split('/').length === 5) return value.path;
    }
  };
  const before = await next('NodeCreated');
  proxy.cut({ close: true });
  assert.equal(await next('NodeDeleted'), before);
  proxy.open();
  assert.notEqual(await next('NodeCreated'), before);
  stop.abort();
  await running;
});

test('registry: changes made while the connection is lost are seen after the reconnect', async (context) => {
  const server = await startTestServer(context);
  const proxy = await startLossyProxy(context, server);
  const other = await connectTo(context, server);
  await register(other, 'web', { host: 'other', port: 1 });
  const stop = new AbortController();
  const changes = new Told<string>();
  const hosts = (services: Services) =>
    services
      .of('web')
      .map(({ host }) => host)
      .sort()
      .join(' ');
  const running = run(
    `127.0.0.1:${proxy.port}`,
    { host: 'me', port: 2 },
    (services) => changes.tell(hosts(services)),
    stop.signal,
  );
  while ((await changes.next()) !== 'me other');
  proxy.cut();
  await other.close();
  while ((await changes.next()) !== 'me');
  stop.abort();
  await running;
  assert.equal(hosts(new Services()), '');
});
