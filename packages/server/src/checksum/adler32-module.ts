import { assemble, type Instruction } from './assembler.js';

/**
 * A WebAssembly module that computes Adler-32, sixteen bytes at a time. It is about ten times as fast as JavaScript.
 * The module exports `memory` and `adler32(pointer, length, seed)`.
 *
 * Adler-32 consists of two sums, a and b. A block of sixteen bytes x1..x16 increases them as follows:
 *   a += x1 + ... + x16
 *   b += 16 * (a before the block) + 16 * x1 + 15 * x2 + ... + x16
 *
 * The lanes of three vectors gather these values over a run of blocks:
 *
 * - `byteSums`: the sum of all bytes.
 * - `sumsBefore`: the sum of the values that `byteSums` had before each block. It is multiplied by 16 at the end.
 * - `weighted`: the sum of 16 * x1 + 15 * x2 + ... + x16 over all blocks.
 */
const modulus = 65521;
/** The maximum number of blocks in a run. This makes at most 5552 bytes; in a longer run, b could overflow 32 bits. */
const runBlocksMax = 347;

const [pointer, length, seed, a, b, blocks, byteSums, sumsBefore, weighted, bytes] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
] as const;
const weights = [16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1];
const zero: Instruction = ['v128.const', ...Array<number>(16).fill(0)];

const get = (local: number): Instruction => ['local.get', local];
const set = (local: number): Instruction => ['local.set', local];
const constant = (value: number): Instruction => ['i32.const', value];

/** Instructions for `local += x`, where the instructions `code` compute x. */
const add = (local: number, type: 'i32' | 'i32x4', code: Instruction[]): Instruction[] => [
  get(local),
  ...code,
  [`${type}.add`],
  set(local),
];

const reduce = (local: number): Instruction[] => [get(local), constant(modulus), ['i32.rem_u'], set(local)];

/** Instructions that add the four lanes of a vector. */
const laneSum = (vector: number): Instruction[] => [
  get(vector),
  ['i32x4.extract_lane', 0],
  get(vector),
  ['i32x4.extract_lane', 1],
  ['i32.add'],
  get(vector),
  ['i32x4.extract_lane', 2],
  ['i32.add'],
  get(vector),
  ['i32x4.extract_lane', 3],
  ['i32.add'],
];

const products = (half: 'low' | 'high'): Instruction[] => [
  get(bytes),
  ['v128.const', ...weights],
  [`i16x8.extmul_${half}_i8x16_u`],
  ['i32x4.extadd_pairwise_i16x8_u'],
];

const oneBlock: Instruction[] = [
  get(pointer),
  ['v128.load', 0, 0],
  set(bytes),
  ...add(sumsBefore, 'i32x4', [get(byteSums)]),
  ...add(byteSums, 'i32x4', [get(bytes), ['i16x8.extadd_pairwise_i8x16_u'], ['i32x4.extadd_pairwise_i16x8_u']]),
  ...add(weighted, 'i32x4', [...products('low'), ...products('high'), ['i32x4.add']]),
  ...add(pointer, 'i32', [constant(16)]),
];

const minOfBlocksAndRun: Instruction[] = [
  get(length),
  constant(4),
  ['i32.shr_u'],
  ['local.tee', blocks],
  constant(runBlocksMax),
  get(blocks),
  constant(runBlocksMax),
  ['i32.lt_u'],
  ['select'],
  ['local.tee', blocks],
];

const runs: Instruction[] = [
  ['block'],
  ['loop'],
  ...minOfBlocksAndRun,
  ['i32.eqz'],
  ['br_if', 1],
  ...add(length, 'i32', [get(blocks), constant(-16), ['i32.mul']]),
  ...add(b, 'i32', [get(a), get(blocks), ['i32.mul'], constant(4), ['i32.shl']]),
  ...[byteSums, sumsBefore, weighted].flatMap((vector) => [zero, set(vector)]),
  ['loop'],
  ...oneBlock,
  get(blocks),
  constant(-1),
  ['i32.add'],
  ['local.tee', blocks],
  ['br_if', 0],
  ['end'],
  ...add(b, 'i32', [...laneSum(sumsBefore), constant(4), ['i32.shl'], ...laneSum(weighted), ['i32.add']]),
  ...add(a, 'i32', laneSum(byteSums)),
  ...reduce(a),
  ...reduce(b),
  ['br', 0],
  ['end'],
  ['end'],
];

const lastBytes: Instruction[] = [
  ['block'],
  ['loop'],
  get(length),
  ['i32.eqz'],
  ['br_if', 1],
  ...add(a, 'i32', [get(pointer), ['i32.load8_u', 0, 0]]),
  ...add(b, 'i32', [get(a)]),
  ...add(pointer, 'i32', [constant(1)]),
  ...add(length, 'i32', [constant(-1)]),
  ['br', 0],
  ['end'],
  ['end'],
  ...reduce(a),
  ...reduce(b),
];

export function adler32Module(memoryPages: number): Uint8Array {
  return assemble({
    name: 'adler32',
    memoryPages,
    parameters: 3,
    locals: ['i32', 'i32', 'i32', 'v128', 'v128', 'v128', 'v128'],
    code: [
      get(seed),
      constant(0xffff),
      ['i32.and'],
      set(a),
      get(seed),
      constant(16),
      ['i32.shr_u'],
      set(b),
      ...runs,
      ...lastBytes,
      get(b),
      constant(16),
      ['i32.shl'],
      get(a),
      ['i32.or'],
    ],
  });
}
