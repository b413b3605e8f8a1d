import { adler32Module } from './adler32-module.js';

const modulus = 65521;
/**
 * The number of bytes that are summed before the modulus is applied. Up to this number, the second sum fits into a
 * signed 32-bit integer, which JavaScript engines add fastest.
 */
const runLength = 3800;
/**
 * The minimum number of bytes for which the WebAssembly module is used. For fewer bytes, calling the module and copying
 * the bytes to it cost more than the module saves.
 */
const moduleFrom = 64;
const memoryPages = 2;
const memorySize = memoryPages * 65_536;

/** Adler-32 of `bytes[start, end)` as an unsigned number. `seed` is the checksum of the bytes before `start`. */
export function adler32(bytes: Uint8Array, start: number, end: number, seed = 1): number {
  if (end - start < moduleFrom || compiled === undefined) return adler32InScript(bytes, start, end, seed);
  const { memory, run } = compiled;
  let sum = seed;
  for (let at = start; at < end; at += memorySize) {
    const count = Math.min(memorySize, end - at);
    copyInto(memory, bytes, at, at + count);
    sum = run(0, count, sum);
  }
  return sum >>> 0;
}

/** Copies a span of bytes into the memory of the module. For a `Buffer`, this allocates no view. */
function copyInto(memory: Uint8Array, bytes: Uint8Array, start: number, end: number): void {
  if (bytes instanceof Buffer) bytes.copy(memory, 0, start, end);
  else memory.set(bytes.subarray(start, end));
}

export function adler32InScript(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let a = seed & 0xffff;
  let b = seed >>> 16;
  let at = start;
  while (at < end) {
    const runEnd = Math.min(end, at + runLength);
    while (at < runEnd) b += a += bytes[at++]!;
    a %= modulus;
    b %= modulus;
  }
  return b * 0x10000 + a;
}

interface Compiled {
  memory: Uint8Array;
  run(pointer: number, length: number, seed: number): number;
}

const compiled = compile();

/** Compiles the WebAssembly module. Returns undefined if WebAssembly or its vector instructions are disabled. */
function compile(): Compiled | undefined {
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(adler32Module(memoryPages)));
    const memory = exports.memory as WebAssembly.Memory;
    return { memory: new Uint8Array(memory.buffer), run: exports.adler32 as Compiled['run'] };
  } catch {
    return undefined;
  }
}
