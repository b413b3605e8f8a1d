/**
 * What a znode's `ephemeralOwner` means (spec 1.10.6-1.10.9). The value is 0 for a persistent znode and a session id
 * for an ephemeral one. A container or a TTL node has a special value.
 */
export type OwnerKind = 'persistent' | 'ephemeral' | 'container' | 'ttl';

export interface OwnerOptions {
  readonly extendedTypesEnabled: boolean;
  /** If true, TTLs are encoded as in ZooKeeper 3.5.3: the sign bit is set, and the other bits are the TTL. */
  readonly emulate353TtlNodes: boolean;
}

export const containerOwner = -0x8000000000000000n;
const ttlMark = BigInt.asIntN(64, 0xff00000000000000n);
const ttlMask = (1n << 40n) - 1n;
const ttl353Max = 0x0fffffffffffffffn;

export function ownerKind(owner: bigint, options: OwnerOptions): OwnerKind {
  if (owner === 0n) return 'persistent';
  if (owner === containerOwner) return 'container';
  if (options.extendedTypesEnabled) {
    if (options.emulate353TtlNodes ? owner < 0n : BigInt.asUintN(64, owner) >> 56n === 0xffn) return 'ttl';
  }
  return 'ephemeral';
}

export function ttlOwner(ttlMs: bigint, options: OwnerOptions): bigint {
  return options.emulate353TtlNodes ? BigInt.asIntN(64, containerOwner | ttlMs) : ttlMark | ttlMs;
}

export function ttlOfOwner(owner: bigint, options: OwnerOptions): number {
  return Number(options.emulate353TtlNodes ? owner & 0x7fffffffffffffffn : owner & ttlMask);
}

export function ttlMax(options: OwnerOptions): bigint {
  return options.emulate353TtlNodes ? ttl353Max : ttlMask;
}
