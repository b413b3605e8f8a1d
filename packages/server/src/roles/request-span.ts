/**
 * A request that is not decoded yet: the header fields, and the position of the body in a buffer. The intake reuses one
 * object for all requests, and the leader reuses one for all forwarded requests. A request that must wait is a copy
 * (see `kept`).
 */
export class RequestSpan {
  xid = 0;
  type = 0;
  receivedMs = 0;
  /** The buffer that contains the body as `bytes[start, end)`. */
  bytes: Buffer = noBytes;
  start = 0;
  end = 0;

  set(xid: number, type: number, receivedMs: number, bytes: Buffer, start: number, end: number): this {
    this.xid = xid;
    this.type = type;
    this.receivedMs = receivedMs;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    return this;
  }

  /** Returns a copy of the request. The copy remains valid when the connection's buffer is overwritten. */
  kept(): RequestSpan {
    const body = Buffer.from(this.bytes.subarray(this.start, this.end));
    return new RequestSpan().set(this.xid, this.type, this.receivedMs, body, 0, body.length);
  }
}

const noBytes: Buffer = Buffer.alloc(0);
