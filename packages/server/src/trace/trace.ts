import { codecByName, OpCode, opByNumber, opTable, Reader, readMultiRequest } from '@nodekeeper/protocol';

/** A request in place in its buffer: the body is `bytes[start, end)`, valid during the call. */
export interface TracedRequest {
  readonly xid: number;
  readonly type: number;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/**
 * Traces requests through a server: each stage calls a method with what it knows. A server without a trace pays one
 * check per stage. The stages prepare nothing for a call and do not even decode the path.
 */
export interface Trace {
  /** A request arrived, from a client of this server or through another server. */
  taken(sessionId: bigint, request: TracedRequest): void;
  /** This server sent it to the leader. */
  forwarded(sessionId: bigint, xid: number): void;
  /**
   * The request became a transaction, here or at the leader. With an error code, it became an error transaction. `cxid`
   * is the number in the transaction. For a forwarded request only its lower 24 bits are the client's.
   */
  proposed(sessionId: bigint, cxid: number, zxid: number, type: number, err: number): void;
  /** The log passes the transactions `firstZxid` to `lastZxid` to the disk in one batch. */
  written(firstZxid: number, lastZxid: number): void;
  /** All transactions up to this one are durable on this server. */
  durable(zxid: number): void;
  /** A quorum has all transactions up to this one. */
  committed(zxid: number): void;
  applied(zxid: number, err: number): void;
  replied(sessionId: bigint, xid: number, zxid: number, err: number): void;
}

/** Combines several traces into one; undefined if there are none. */
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

/** The paths in a request; empty if its body cannot be decoded. */
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
