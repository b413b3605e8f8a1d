import type { Codec } from '@nodekeeper/client';

/** Data that the codec refused. */
export class Undecodable {
  constructor(readonly cause: unknown) {}
}

export type Decoded<Value> = Value | Undecodable;

/** Returns a decoder that never throws. A read of invalid data then has a result with the Stat of the node. */
export function decodingSafely<Value>(codec: Codec<Value, never>): Codec<Decoded<Value>, never> {
  return {
    encode: codec.encode,
    decode: (bytes) => {
      try {
        return codec.decode(bytes);
      } catch (cause) {
        return new Undecodable(cause);
      }
    },
  };
}
