import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { instrumentZooKeeper } from '../../src/adapters/opentelemetry.js';
import { recipeBench } from '../support/bench.js';

test('each request is a span with operation, path, server and error', async (context) => {
  const bench = await recipeBench(context);
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const zk = await bench.connect();
  const stop = instrumentZooKeeper({ tracer: provider.getTracer('test') });
  await zk.create('/a', 'x');
  await assert.rejects(zk.get('/b'), { code: 'NONODE' });
  stop();
  await zk.get('/a');
  const [created, read, ...rest] = exporter.getFinishedSpans();
  assert.deepEqual(rest, []);
  const [host, port] = zk.server!.split(':');
  assert.equal(created!.name, 'create2');
  assert.equal(created!.kind, SpanKind.CLIENT);
  assert.deepEqual(created!.attributes, {
    'db.system.name': 'zookeeper',
    'db.operation.name': 'create2',
    'server.address': host,
    'server.port': Number(port),
    'zookeeper.session.id': `0x${zk.session.id.toString(16)}`,
    'zookeeper.path': '/a',
  });
  assert.equal(created!.status.code, SpanStatusCode.UNSET);
  assert.equal(read!.status.code, SpanStatusCode.ERROR);
  assert.match(read!.status.message!, /\/b: the node does not exist/);
  assert.equal(read!.attributes['error.type'], 'NONODE');
  await provider.shutdown();
});

test('requests have a histogram of durations, and session events a counter', async (context) => {
  const bench = await recipeBench(context);
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter });
  const provider = new MeterProvider({ readers: [reader] });
  const stop = instrumentZooKeeper({ meter: provider.getMeter('test') });
  const zk = await bench.connect({ renewSession: true });
  await zk.exists('/a');
  await zk.exists('/a');
  await assert.rejects(zk.get('/b'));
  const expired = once(zk, 'Expired');
  await bench.expire(zk);
  await expired;
  await reader.forceFlush();
  stop();
  const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  const points = (name: string) => metrics.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
  const durations = points('db.client.operation.duration').map(({ attributes, value }) => {
    const { count, sum } = value as { count: number; sum: number };
    assert.ok(sum > 0 && sum < 5, `${sum} s`);
    return [attributes['db.operation.name'], attributes['error.type'], count];
  });
  assert.deepEqual(durations, [
    ['exists', 'NONODE', 2],
    ['getData', 'NONODE', 1],
  ]);
  const events = points('zookeeper.client.session.events').map(({ attributes, value }) => [
    attributes['zookeeper.session.event'],
    value,
  ]);
  assert.ok(
    events.some(([event, count]) => event === 'Expired' && count === 1),
    String(events),
  );
  await provider.shutdown();
});
