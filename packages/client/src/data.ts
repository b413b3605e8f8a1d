import { shown } from './checks.js';
import type { Decoder, Encoder } from './codec.js';
import { badArgument, ZooKeeperError } from './errors.js';

/** Data to write: bytes, text (sent as UTF-8), or null for a node without data. */
export type Data = Uint8Array | string | null;

const noData = Buffer.alloc(0);

/**
 * Returns the bytes to send for `data`. Throws a `ZooKeeperError` if `data` has the wrong type or the codec cannot
 * encode it.
 */
export function toBytes(op: string, path: string, data: unknown, codec: Encoder | undefined): Buffer | null {
  const encoded = codec === undefined ? data : encode(op, path, data as never, codec);
  if (encoded === null) return null;
  if (encoded === undefined) return noData;
  if (typeof encoded === 'string') return Buffer.from(encoded, 'utf8');
  if (encoded instanceof Uint8Array) {
    return Buffer.isBuffer(encoded) ? encoded : Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  }
  throw badArgument(
    op,
    path,
    `data must be a Uint8Array, a string or null, got ${shown(encoded)}; other values need a codec`,
  );
}

function encode(op: string, path: string, value: never, codec: Encoder): Uint8Array | string | null {
  try {
    return codec.encode(value);
  } catch (cause) {
    const detail = `the value cannot be encoded: ${(cause as Error).message}`;
    throw new ZooKeeperError({ code: 'INVALID_DATA', outcome: 'not-sent', detail, cause }, op, path);
  }
}

/**
 * Returns the data of a node as a value of the codec. Without a codec, returns a copy of the bytes, which the caller
 * may keep.
 */
export function fromBytes<Value>(data: Buffer | null, codec: Decoder<Value> | undefined): Value | Buffer | null {
  if (data === null) return null;
  return codec === undefined ? Buffer.from(data) : codec.decode(data);
}
