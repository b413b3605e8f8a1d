/**
 * A request as it travels from a connection to the place where it is decoded: its header, and where its body lies. One
 * object per path is reused; a request that has to wait is kept as a copy with bytes of its own.
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

  /** A copy that stays good when the bytes of the connection are overwritten. */
  kept(): RequestSpan {
    const body = Buffer.from(this.bytes.subarray(this.start, this.end));
    return new RequestSpan().set(this.xid, this.type, this.receivedMs, body, 0, body.length);
  }
}

const noBytes: Buffer = Buffer.alloc(0);
