/**
 * A request that is not decoded yet: its header, and the position of its body. The intake reuses one object for all
 * requests, and so does the leader for forwarded ones. A request that must wait is a copy with its own bytes.
 */
export class RequestSpan {
  xid = 0;
  type = 0;
  receivedMs = 0;
  /** The body is `bytes[start, end)`. */
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

  /** Returns a copy that stays valid when the bytes of the connection are overwritten. */
  kept(): RequestSpan {
    const body = Buffer.from(this.bytes.subarray(this.start, this.end));
    return new RequestSpan().set(this.xid, this.type, this.receivedMs, body, 0, body.length);
  }
}

const noBytes: Buffer = Buffer.alloc(0);
