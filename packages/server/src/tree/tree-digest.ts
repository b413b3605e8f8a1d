/** The version of the digest algorithm. Digests of different versions cannot be compared. */
export const digestVersion = 2;

/**
 * The sum of all node digests, modulo 2^64 (spec 3.6.3). The sum is stored in two 32-bit halves, so that a write
 * creates no bigint. The tree changes its digest in place. Call `copy` to keep the current value.
 */
export class TreeDigest {
  high = 0;
  low = 0;

  static of(high: number, low: number): TreeDigest {
    const digest = new TreeDigest();
    digest.high = high >>> 0;
    digest.low = low >>> 0;
    return digest;
  }

  copy(): TreeDigest {
    return TreeDigest.of(this.high, this.low);
  }

  add(crc: number): void {
    const low = this.low + (crc >>> 0);
    this.low = low >>> 0;
    if (low > 0xffffffff) this.high = (this.high + 1) >>> 0;
  }

  subtract(crc: number): void {
    const low = this.low - (crc >>> 0);
    this.low = low >>> 0;
    if (low < 0) this.high = (this.high - 1) >>> 0;
  }

  assign(other: TreeDigest): void {
    this.high = other.high;
    this.low = other.low;
  }

  equals(high: number, low: number): boolean {
    return this.high === high >>> 0 && this.low === low >>> 0;
  }

  toBigInt(): bigint {
    return BigInt.asIntN(64, (BigInt(this.high) << 32n) | BigInt(this.low));
  }

  toString(): string {
    return digestText(this.toBigInt());
  }
}

function digestText(digest: bigint): string {
  return `0x${BigInt.asUintN(64, digest).toString(16)}`;
}
