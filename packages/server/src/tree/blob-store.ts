/**
 * Stores paths and data (blobs) outside the JavaScript heap, in large buffers called slabs. For a million znodes, the
 * garbage collector visits a few hundred slabs instead of a million objects. This keeps memory use low and pauses
 * short.
 *
 * A 32-bit reference identifies a blob: the number of its slab, and its offset in the slab in units of 16 bytes. The
 * size of a blob is rounded up to a size class. Up to 1 KiB, each multiple of 16 bytes is a class. Above 1 KiB, there
 * are eight classes from each power of two to the next. When a blob is freed, its memory is kept in a list of its class
 * for the next blob of this class.
 */
const unitBytes = 16;
const slabUnits = 1 << 16;
export const slabBytes = slabUnits * unitBytes;
const exactUnitsMax = 64;
const runBytes = 64 * 1024;

/** The reference of an empty blob. */
export const noBlob = 0xffffffff;

interface SizeClass {
  readonly units: number;
  readonly free: number[];
  /** The reference of the next new blob. The memory from `next` to `end` is reserved for new blobs of this class. */
  next: number;
  end: number;
}

export class BlobStore {
  readonly #slabs: Buffer[] = [];
  readonly #classes: SizeClass[] = [];
  /**
   * Numbers of slabs whose memory was released. Each of these slabs held one large blob. The numbers are used again.
   */
  readonly #vacantSlabs: number[] = [];
  #currentSlab = -1;
  #currentUnit = slabUnits;

  /** The slab that holds a blob. The blob starts at `offsetOf(ref)`. */
  slabOf(ref: number): Buffer {
    return this.#slabs[ref >>> 16]!;
  }

  offsetOf(ref: number): number {
    return (ref & 0xffff) << 4;
  }

  /** Stores a copy of `bytes[start, end)` and returns its reference, or `noBlob` if there are no bytes. */
  put(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length === 0) return noBlob;
    const ref = this.#allocate(length);
    copyBytes(bytes, start, end, this.slabOf(ref), this.offsetOf(ref));
    return ref;
  }

  /**
   * Stores a new blob in place of an old one, and returns the new reference. Overwrites the old blob if both have the
   * same size class. Otherwise frees the old blob.
   */
  replace(ref: number, oldLength: number, bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (
      oldLength > 0 &&
      length > 0 &&
      length <= slabBytes &&
      sizeClass(unitsOf(oldLength)) === sizeClass(unitsOf(length))
    ) {
      copyBytes(bytes, start, end, this.slabOf(ref), this.offsetOf(ref));
      return ref;
    }
    this.free(ref, oldLength);
    return this.put(bytes, start, end);
  }

  free(ref: number, length: number): void {
    if (length === 0) return;
    if (length > slabBytes) {
      const slab = ref >>> 16;
      this.#slabs[slab] = emptySlab;
      this.#vacantSlabs.push(slab);
    } else {
      this.#classOf(unitsOf(length)).free.push(ref);
    }
  }

  #allocate(length: number): number {
    if (length > slabBytes) return this.#addSlab(length) * slabUnits;
    const sizes = this.#classOf(unitsOf(length));
    const reused = sizes.free.pop();
    if (reused !== undefined) return reused;
    if (sizes.next === sizes.end) this.#cutRun(sizes);
    const ref = sizes.next;
    sizes.next += sizes.units;
    return ref;
  }

  /** Reserves a run of memory for new blobs of one class. A run holds a whole number of blobs, and at least one. */
  #cutRun(sizes: SizeClass): void {
    const count = Math.max(1, Math.floor(runBytes / unitBytes / sizes.units));
    const units = count * sizes.units;
    if (this.#currentUnit + units > slabUnits) {
      this.#currentSlab = this.#addSlab(slabBytes);
      this.#currentUnit = 0;
    }
    sizes.next = this.#currentSlab * slabUnits + this.#currentUnit;
    sizes.end = sizes.next + units;
    this.#currentUnit += units;
  }

  #addSlab(bytes: number): number {
    const slab = this.#vacantSlabs.pop() ?? this.#slabs.length;
    if (slab >= 0xffff) throw new Error('the tree holds more than 64 GiB of paths and data, which is its limit');
    this.#slabs[slab] = Buffer.allocUnsafeSlow(bytes);
    return slab;
  }

  #classOf(units: number): SizeClass {
    const index = sizeClass(units);
    const known = this.#classes[index];
    if (known !== undefined) return known;
    const created = { units: classUnits(index), free: [], next: 0, end: 0 };
    this.#classes[index] = created;
    return created;
  }
}

const emptySlab = Buffer.alloc(0);

function unitsOf(length: number): number {
  return (length + unitBytes - 1) >>> 4;
}

/**
 * Returns the class for a size in units. In class N, from 1 to 64, a blob occupies exactly N units. Above 64 units,
 * there are eight classes from each power of two to the next.
 */
function sizeClass(units: number): number {
  if (units <= exactUnitsMax) return units;
  const shift = 28 - Math.clz32(units - 1);
  return exactUnitsMax + (shift - 3) * 8 + (((units - 1) >>> shift) - 7);
}

function classUnits(index: number): number {
  if (index <= exactUnitsMax) return index;
  const above = index - exactUnitsMax - 1;
  return (9 + (above & 7)) << ((above >>> 3) + 3);
}

/** Copies bytes. For a few bytes, a loop is faster than a call of the engine's memmove. */
function copyBytes(source: Uint8Array, start: number, end: number, target: Buffer, at: number): void {
  if (end - start < 32) {
    for (let from = start, to = at; from < end; ) target[to++] = source[from++]!;
  } else {
    (source as Buffer).copy(target, at, start, end);
  }
}
