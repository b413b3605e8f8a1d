import { codecByName, OpCode, opByNumber, opTable, Reader, readMultiRequest } from '@nodekeeper/protocol';

/**
 * A request that is still encoded: its body is `bytes[start, end)`. The bytes are valid only during the call that
 * passes the request.
 */
export interface TracedRequest {
  readonly xid: number;
  readonly type: number;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/**
 * Observes requests on their way through a server. Each stage of a request calls one method with the values that are
 * known at this stage. The server computes no value only for the trace: for example, it passes the request undecoded.
 * Without a trace, a stage therefore costs only one check.
 */
export interface Trace {
  /** The request arrived, from a client of this server or from a server that forwarded it. */
  taken(sessionId: bigint, request: TracedRequest): void;
  /** This server sent the request to the leader. */
  forwarded(sessionId: bigint, xid: number): void;
  /**
   * This server, or the leader, created the transaction of the request. If `err` is not OK, the transaction is an error
   * transaction. `cxid` is the request's number in the transaction. For a forwarded request, only the lower 24 bits of
   * `cxid` come from the client.
   */
  proposed(sessionId: bigint, cxid: number, zxid: number, type: number, err: number): void;
  /** The log passes the transactions from `firstZxid` to `lastZxid` to the disk in one batch. */
  written(firstZxid: number, lastZxid: number): void;
  /** All transactions up to this zxid are durable on this server. */
  durable(zxid: number): void;
  /** All transactions up to this zxid are durable on a quorum. */
  committed(zxid: number): void;
  applied(zxid: number, err: number): void;
  replied(sessionId: bigint, xid: number, zxid: number, err: number): void;
}

/** Combines several traces into one. Returns undefined if there are none. */
export function joined(traces: readonly Trace[]): Trace | undefined {
  if (traces.length <= 1) return traces[0];
  const tell = (call: (trace: Trace) => void) => {
    for (const each of traces) call(each);
  };
  return {
    taken: (...args) => tell((each) => each.taken(...args)),
    forwarded: (...args) => tell((each) => each.forwarded(...args)),
    proposed: (...args) => tell((each) => each.proposed(...args)),
    written: (...args) => tell((each) => each.written(...args)),
    durable: (...args) => tell((each) => each.durable(...args)),
    committed: (...args) => tell((each) => each.committed(...args)),
    applied: (...args) => tell((each) => each.applied(...args)),
    replied: (...args) => tell((each) => each.replied(...args)),
  };
}

/** Returns the paths in a request. Returns an empty list if the body of the request cannot be decoded. */
export function pathsOf({ type, bytes, start, end }: TracedRequest): string[] {
  const op = opByNumber(type);
  try {
    const reader = new Reader(bytes, start, end);
    if (type === OpCode.multi || type === OpCode.multiRead) {
      return readMultiRequest(reader).map(({ request }) => pathIn(request));
    }
    const record = op === undefined ? null : opTable[op.name].request;
    const path = record === null || record === 'multi' ? '' : pathIn(codecByName(record).read(reader));
    return path === '' ? [] : [path];
  } catch {
    return [];
  }
}

function pathIn(request: unknown): string {
  const { path } = request as { path?: unknown };
  return typeof path === 'string' ? path : '';
}
