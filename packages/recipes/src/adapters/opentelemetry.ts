/** The package entry `@nodekeeper/recipes/opentelemetry`. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { RequestDiagnostics, SessionDiagnostics } from '@nodekeeper/client';

type Attributes = Record<string, string | number>;

/** The part of an OpenTelemetry span that is used here. */
export interface SpanLike {
  setAttribute(name: string, value: string): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  end(): void;
}

/** The part of an OpenTelemetry tracer that is used here. */
export interface TracerLike {
  startSpan(name: string, options: { kind: number; attributes: Attributes }): SpanLike;
}

/** The part of an OpenTelemetry meter that is used here. */
export interface MeterLike {
  createHistogram(
    name: string,
    options: { description: string; unit: string; advice: { explicitBucketBoundaries: number[] } },
  ): { record(value: number, attributes: Attributes): void };
  createCounter(
    name: string,
    options: { description: string; unit: string },
  ): { add(value: number, attributes: Attributes): void };
}

/** The targets of `instrumentZooKeeper`. Without a tracer there are no spans, and without a meter no metrics. */
export interface InstrumentationOptions {
  /** For example `trace.getTracer('nodekeeper')`. */
  readonly tracer?: TracerLike;
  /** For example `metrics.getMeter('nodekeeper')`. */
  readonly meter?: MeterLike;
}

// the numbers of SpanKind.CLIENT and SpanStatusCode.ERROR in @opentelemetry/api
const kindClient = 2;
const statusError = 2;

/** The bounds that OpenTelemetry's conventions give for the duration of a database call, in seconds. */
const boundsS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

/**
 * Makes a span and a measurement of each request of all clients in this process, and counts the events of their
 * sessions. The names are those of OpenTelemetry's conventions for databases. Returns a function that stops this.
 *
 * A span is a child of the span that is active when the program calls the client.
 */
export function instrumentZooKeeper({ tracer, meter }: InstrumentationOptions): () => void {
  const stops = [...(tracer === undefined ? [] : [traceRequests(tracer)]), ...(meter ? [measure(meter)] : [])];
  return () => {
    for (const stop of stops) stop();
  };
}

function traceRequests(tracer: TracerLike): () => void {
  const spans = new WeakMap<object, SpanLike>();
  const start = (message: unknown) => {
    const request = message as RequestDiagnostics;
    const attributes = {
      ...commonAttributes(request),
      'zookeeper.session.id': `0x${request.sessionId.toString(16)}`,
      ...(request.path !== undefined && { 'zookeeper.path': request.path }),
    };
    spans.set(request, tracer.startSpan(request.op, { kind: kindClient, attributes }));
  };
  const end = (message: unknown) => {
    const request = message as RequestDiagnostics;
    const span = spans.get(request);
    if (span === undefined) return;
    if (request.error !== undefined) {
      span.setAttribute('error.type', request.error.code);
      span.setStatus({ code: statusError, message: request.error.message });
    }
    span.end();
  };
  return listen({ 'nodekeeper:client:request:start': start, 'nodekeeper:client:request:end': end });
}

function measure(meter: MeterLike): () => void {
  const durations = meter.createHistogram('db.client.operation.duration', {
    description: 'Duration of requests to ZooKeeper',
    unit: 's',
    advice: { explicitBucketBoundaries: boundsS },
  });
  const events = meter.createCounter('zookeeper.client.session.events', {
    description: 'Events of the sessions with ZooKeeper',
    unit: '{event}',
  });
  const end = (message: unknown) => {
    const request = message as RequestDiagnostics;
    const failure = request.error && { 'error.type': request.error.code };
    durations.record((request.durationMs ?? 0) / 1000, { ...commonAttributes(request), ...failure });
  };
  const session = (message: unknown) => {
    const { event } = message as SessionDiagnostics;
    events.add(1, { 'zookeeper.session.event': event });
  };
  return listen({ 'nodekeeper:client:request:end': end, 'nodekeeper:client:session': session });
}

/** The attributes of spans and metrics. Paths and session ids are not among them, because they have too many values. */
function commonAttributes({ op, server }: RequestDiagnostics): Attributes {
  const attributes: Attributes = { 'db.system.name': 'zookeeper', 'db.operation.name': op };
  if (server === undefined) return attributes;
  const colon = server.lastIndexOf(':');
  attributes['server.address'] = server.slice(0, colon).replace(/^\[|\]$/g, '');
  attributes['server.port'] = Number(server.slice(colon + 1));
  return attributes;
}

/** Subscribes to channels of the client. Returns a function that ends this. */
function listen(listeners: Readonly<Record<string, (message: unknown) => void>>): () => void {
  for (const [channel, listener] of Object.entries(listeners)) subscribe(channel, listener);
  return () => {
    for (const [channel, listener] of Object.entries(listeners)) unsubscribe(channel, listener);
  };
}
