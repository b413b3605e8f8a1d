import type { Reader } from '@nodekeeper/protocol';

/**
 * A path in a request, where it lies: reads look nodes up by bytes, and only those that leave a watch need the string.
 * One instance is reused, as reads are answered one after the other.
 */
export class PathSpan {
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  /** A null string is no path at all; Apache answers MARSHALLINGERROR. */
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
