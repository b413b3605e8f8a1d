/** A zxid is an epoch (high 32 bits) and a counter (low 32 bits). A number holds it exactly while the epoch is below 2^21. */
export function makeZxid(epoch: number, counter: number): number {
  return epoch * 0x100000000 + counter;
}

export function zxidEpoch(zxid: number): number {
  return Math.floor(zxid / 0x100000000);
}

export function zxidCounter(zxid: number): number {
  return zxid >>> 0;
}

/** `0x10000000a`, the form in logs and admin words. */
export function zxidHex(zxid: number): string {
  return `0x${zxidDigits(zxid)}`;
}

/** The bare hex digits; a negative zxid shows its 64-bit two's complement. */
export function zxidDigits(zxid: number): string {
  return zxid >= 0 ? zxid.toString(16) : BigInt.asUintN(64, BigInt(zxid)).toString(16);
}

export function sessionIdHex(sessionId: bigint): string {
  return `0x${BigInt.asUintN(64, sessionId).toString(16)}`;
}
