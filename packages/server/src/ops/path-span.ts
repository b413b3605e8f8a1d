import type { Reader } from '@nodekeeper/protocol';

/**
 * A path in place in the request: reads look nodes up by bytes, and only reads that set a watch need the string. Reads
 * are answered one at a time, so one instance is reused.
 */
export class PathSpan {
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  /** A null string is not a path; ZooKeeper answers MARSHALLINGERROR. */
  isNull = false;

  read(reader: Reader): this {
    const length = reader.length();
    this.isNull = length < 0;
    this.bytes = reader.bytes;
    this.start = reader.position;
    if (length > 0) reader.skip(length);
    this.end = reader.position;
    return this;
  }

  toString(): string {
    return this.bytes.toString('utf8', this.start, this.end);
  }
}
