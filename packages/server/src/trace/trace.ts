import { codecByName, OpCode, opByNumber, opTable, Reader, readMultiRequest } from '@nodekeeper/protocol';

/** A request where it lies: its body is `bytes[start, end)`, good during the call. */
export interface TracedRequest {
  readonly xid: number;
  readonly type: number;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/**
 * Follows requests through a server: each stage calls it with what it knows. A server without a trace pays one check per
 * stage, and so nothing is prepared for a call: not even the path is decoded.
 */
export interface Trace {
  /** A request came, from a client of this server or through another server. */
  taken(sessionId: bigint, request: TracedRequest): void;
  /** It was sent to the leader. */
  forwarded(sessionId: bigint, xid: number): void;
  /**
   * It became a transaction, here or at the leader; with an error code, one that only says so. `cxid` is the number in the
   * transaction: of a request that was forwarded only its lower 24 bits are the client's.
   */
  proposed(sessionId: bigint, cxid: number, zxid: number, type: number, err: number): void;
  /** The transactions `firstZxid` to `lastZxid` are handed to the disk together. */
  written(firstZxid: number, lastZxid: number): void;
  /** All transactions up to this one survive a crash of this server. */
  durable(zxid: number): void;
  /** A quorum has all transactions up to this one. */
  committed(zxid: number): void;
  applied(zxid: number, err: number): void;
  replied(sessionId: bigint, xid: number, zxid: number, err: number): void;
}

/** All traces as one; undefined when there is none. */
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

/** The paths that a request names; none when its body cannot be decoded. */
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
