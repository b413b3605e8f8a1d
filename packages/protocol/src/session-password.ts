const mask48 = (1n << 48n) - 1n;

/**
 * Returns the 16-byte password of a session (spec 1.3.12): the output of java.util.Random with a seed made from the
 * session id. Every server of an ensemble, nodekeeper or Java, computes the same password.
 */
export function sessionPassword(sessionId: bigint): Buffer {
  let seed = (sessionId ^ 0xb3415c00n ^ 0x5deece66dn) & mask48;
  const password = Buffer.allocUnsafe(16);
  for (let at = 0; at < 16; at += 4) {
    seed = (seed * 0x5deece66dn + 0xbn) & mask48;
    password.writeInt32LE(Number(BigInt.asIntN(32, seed >> 16n)), at);
  }
  return password;
}
