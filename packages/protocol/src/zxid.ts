/**
 * Returns the zxid for an epoch (high 32 bits) and a counter (low 32 bits). A JavaScript number holds the zxid exactly
 * while the epoch is below 2^21.
 */
export function makeZxid(epoch: number, counter: number): number {
  return epoch * 0x100000000 + counter;
}

export function zxidEpoch(zxid: number): number {
  return Math.floor(zxid / 0x100000000);
}

export function zxidCounter(zxid: number): number {
  return zxid >>> 0;
}

/** Returns a zxid in the form of log lines and four-letter words, for example `0x10000000a`. */
export function zxidHex(zxid: number): string {
  return `0x${zxidDigits(zxid)}`;
}

/** Returns the hexadecimal digits of a zxid without `0x`. A negative zxid is shown as its 64-bit two's complement. */
export function zxidDigits(zxid: number): string {
  return zxid >= 0 ? zxid.toString(16) : BigInt.asUintN(64, BigInt(zxid)).toString(16);
}

export function sessionIdHex(sessionId: bigint): string {
  return `0x${BigInt.asUintN(64, sessionId).toString(16)}`;
}
