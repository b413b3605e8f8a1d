import type { Codec, Encoder } from './codec.js';
import { ZooKeeperError } from './errors.js';
import { badArgument } from './paths.js';

/** What a node can be given: bytes, text (sent as UTF-8), or null for no data at all. */
export type Data = Uint8Array | string | null;

const noData = Buffer.alloc(0);

/** The bytes to send; throws a `ZooKeeperError` for what is neither data nor a value of the codec. */
export function toBytes(op: string, path: string, data: unknown, codec: Encoder | undefined): Buffer | null {
  const encoded = codec === undefined ? data : encode(op, path, data as never, codec);
  if (encoded === null) return null;
  if (encoded === undefined) return noData;
  if (typeof encoded === 'string') return Buffer.from(encoded, 'utf8');
  if (encoded instanceof Uint8Array) {
    return Buffer.isBuffer(encoded) ? encoded : Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  }
  throw badArgument(op, path, `data must be a Uint8Array, a string or null, not ${typeof encoded}; or give a codec`);
}

function encode(op: string, path: string, value: never, codec: Encoder): Uint8Array | string | null {
  try {
    return codec.encode(value);
  } catch (cause) {
    const detail = `the value cannot be encoded: ${(cause as Error).message}`;
    throw new ZooKeeperError({ code: 'INVALID_DATA', outcome: 'not-sent', detail, cause }, op, path);
  }
}

/** What was read, for the caller to keep. */
export function fromBytes<Value>(data: Buffer | null, codec: Codec<Value> | undefined): Value | Buffer | null {
  if (data === null) return null;
  return codec === undefined ? Buffer.from(data) : codec.decode(data);
}

const intMax = 0x7fffffff;
const ttlMsMax = 2 ** 40 - 1;

/** A node's version as a condition; -1, the default, is met by any. */
export function checkedVersion(op: string, path: string, version = -1): number {
  if (Number.isInteger(version) && version >= -1 && version <= intMax) return version;
  throw badArgument(op, path, `version ${version} is not an integer from -1 (any) to ${intMax}`);
}

export function checkedTtlMs(op: string, path: string, ttlMs: number | undefined): number {
  if (Number.isInteger(ttlMs) && ttlMs! >= 1 && ttlMs! <= ttlMsMax) return ttlMs!;
  throw badArgument(op, path, `ttlMs ${ttlMs} is not an integer from 1 to ${ttlMsMax}`);
}
