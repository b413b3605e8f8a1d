import type { Reader } from '@nodekeeper/protocol';

/**
 * A path as a span of bytes in a request. Reads find a node by the bytes of its path, and only reads that set a watch
 * need the path as a string. Reads are answered one at a time, so each operation reuses one instance.
 */
export class PathSpan {
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  /** True if the request has a null string instead of a path. ZooKeeper answers such a read with MARSHALLINGERROR. */
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
