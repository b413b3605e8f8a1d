import type { OpName } from '@nodekeeper/protocol';
import { onAbort } from './abort-signals.js';
import { none, type RequestCall } from './calls.js';
import { operations, type RequestOf, type ResponseOf } from './core/operation.js';
import { addressText, type Scheduler } from './core/ports.js';
import { ClientRequest, type Failure, type WatchRequest } from './core/request.js';
import type { Session } from './core/session.js';
import { channels, type RequestDiagnostics } from './diagnostics.js';
import { invalidData, ZooKeeperError } from './errors.js';
import { FailurePace } from './failure-pace.js';
import type { WatchCallback } from './watch/watch-event.js';

/** Options of every request. */
export interface RequestOptions {
  /**
   * When this signal is aborted, the request rejects with `ABORTED`. If the request was already sent, the server may
   * still carry it out (see `outcome` of the error).
   */
  readonly signal?: AbortSignal;
  /**
   * How long to wait for the reply, in milliseconds. After this time, the request rejects with `REQUESTTIMEOUT`. With
   * 0, the request may wait as long as the session lives.
   */
  readonly timeoutMs?: number;
}

/** The result of a request: a value, or an error to throw. */
interface Settled<Value> {
  readonly error: ZooKeeperError | undefined;
  readonly value: Value;
}

/** Turns the callbacks of the session into promises, and adds time limits, abort signals and diagnostics. */
export class Requests {
  readonly #pace: FailurePace<WatchCallback>;

  constructor(
    readonly session: Session<WatchCallback>,
    private readonly scheduler: Scheduler,
    private readonly timeoutMs: number,
    readonly chroot: string,
  ) {
    this.#pace = new FailurePace(scheduler);
  }

  /**
   * Sends a request. `serverPath` is the path that is sent, and `path` the path that the caller passed. The promise
   * never rejects. The public method throws the error with `unwrap`, so that the stack of the error shows the caller.
   */
  send<Name extends OpName, Value>(
    call: RequestCall<Name>,
    path: string | undefined,
    serverPath: string | undefined,
    body: RequestOf<Name>,
    read: (response: ResponseOf<Name>) => Value,
    options: RequestOptions = none,
    watch?: WatchRequest<WatchCallback>,
  ): Promise<Settled<Value>> {
    return new Promise((resolve) => {
      let release: (() => void) | undefined;
      const trace = channels.requestStart.hasSubscribers || channels.requestEnd.hasSubscribers;
      const diagnostics = trace ? this.#traceStart(call.name, path) : undefined;
      const request = new ClientRequest<WatchCallback>(operations[call.name], serverPath, body, watch, (finished) => {
        release?.();
        release = undefined;
        if (finished.failure !== undefined && this.#pace.delays(finished)) return;
        const settled = settle(finished, call.op, path, this.chroot, read as (response: unknown) => Value);
        if (diagnostics !== undefined) this.#traceEnd(diagnostics, settled.error);
        resolve(settled);
      });
      if (options.signal?.aborted) {
        request.giveUp('ABORTED', 'aborted before it was sent', options.signal.reason);
        return;
      }
      this.session.submit(request);
      const timeoutMs = options.timeoutMs ?? this.timeoutMs;
      if (!request.finished && (options.signal !== undefined || timeoutMs > 0)) {
        release = this.#limit(request, options.signal, timeoutMs);
      }
    });
  }

  /**
   * Fails a request when its signal is aborted or its time limit has passed. Returns a function that removes the
   * listener of the signal and the timer.
   */
  #limit(request: ClientRequest<WatchCallback>, signal: AbortSignal | undefined, timeoutMs: number): () => void {
    const abort = () => this.#giveUp(request, 'ABORTED', 'aborted', signal?.reason);
    const forgetSignal = onAbort(signal, abort);
    const cancel =
      timeoutMs > 0
        ? this.scheduler.after(timeoutMs, () => this.#giveUp(request, 'REQUESTTIMEOUT', `no reply in ${timeoutMs} ms`))
        : undefined;
    return () => {
      forgetSignal();
      cancel?.();
    };
  }

  #giveUp(
    request: ClientRequest<WatchCallback>,
    code: 'ABORTED' | 'REQUESTTIMEOUT',
    detail: string,
    cause?: unknown,
  ): void {
    request.giveUp(code, detail, cause);
    // a sent request stays in `watchRequests`, because its reply may still set the watch
    if (!request.sent) this.session.watchRequests.delete(request);
  }

  #traceStart(op: string, path: string | undefined): RequestDiagnostics {
    const { server, identity } = this.session;
    const startMs = this.scheduler.monotonicMs();
    const { sessionId } = identity;
    const diagnostics = { op, path, server: server && addressText(server), sessionId, startMs };
    channels.requestStart.publish(diagnostics);
    return diagnostics;
  }

  #traceEnd(diagnostics: RequestDiagnostics, error: ZooKeeperError | undefined): void {
    diagnostics.durationMs = this.scheduler.monotonicMs() - diagnostics.startMs;
    if (error !== undefined) diagnostics.error = error;
    channels.requestEnd.publish(diagnostics);
  }
}

/** Returns the value or throws the error. */
export function unwrap<Value>({ error, value }: Settled<Value>): Value {
  if (error === undefined) return value;
  // the error was created when the reply arrived, so its own stack does not show the caller
  Error.captureStackTrace(error, unwrap);
  throw error;
}

function settle<Value>(
  request: ClientRequest<WatchCallback>,
  op: string,
  path: string | undefined,
  chroot: string,
  read: (response: unknown) => Value,
): Settled<Value> {
  const { failure } = request;
  // the error text names the chroot only if the client added the chroot to the path; /zookeeper/config is sent
  // unchanged
  if (failure !== undefined) return failed(errorOf(failure, op, path, request.path === path ? '' : chroot));
  try {
    return { error: undefined, value: read(request.response) };
  } catch (cause) {
    return failed(ZooKeeperError.is(cause) ? cause : invalidData(op, path, cause));
  }
}

function failed<Value>(error: ZooKeeperError): Settled<Value> {
  return { error, value: undefined as Value };
}

/** Creates the error without a stack, because Node is slow to create a stack. `unwrap` adds the stack of the caller. */
function errorOf(failure: Failure, op: string, path: string | undefined, chroot: string): ZooKeeperError {
  const { stackTraceLimit } = Error;
  // an assignment would throw in a program that freezes built-in objects
  Reflect.set(Error, 'stackTraceLimit', 0);
  try {
    return new ZooKeeperError(failure, op, path, chroot);
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

/** Selects the options that a call passes on to each of its requests. */
export function limitsOf({ signal, timeoutMs }: RequestOptions): RequestOptions {
  return { ...(signal && { signal }), ...(timeoutMs !== undefined && { timeoutMs }) };
}
