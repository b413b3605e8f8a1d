/**
 * The input of a small WebAssembly assembler, which has only the features that the checksums need. A module has one
 * function, with i32 parameters and an i32 result.
 */
interface FunctionSource {
  name: string;
  /** The size of the module's memory, in pages of 64 KiB. */
  memoryPages: number;
  parameters: number;
  locals: ('i32' | 'v128')[];
  code: Instruction[];
}

/** An instruction: its name in the table `operations`, followed by its immediate operands. */
export type Instruction = [name: string, ...operands: number[]];

const vectorPrefix = 0xfd;
const emptyBlock = 0x40;

/** The operation codes of the instructions. The codes of vector instructions begin with a prefix byte. */
const operations: Record<string, number[]> = {
  block: [0x02, emptyBlock],
  loop: [0x03, emptyBlock],
  end: [0x0b],
  br: [0x0c],
  br_if: [0x0d],
  select: [0x1b],
  'local.get': [0x20],
  'local.set': [0x21],
  'local.tee': [0x22],
  'i32.load8_u': [0x2d],
  'i32.const': [0x41],
  'i32.eqz': [0x45],
  'i32.lt_u': [0x49],
  'i32.add': [0x6a],
  'i32.mul': [0x6c],
  'i32.rem_u': [0x70],
  'i32.and': [0x71],
  'i32.or': [0x72],
  'i32.shl': [0x74],
  'i32.shr_u': [0x76],
  'v128.load': [vectorPrefix, 0x00],
  'v128.const': [vectorPrefix, 0x0c],
  'i32x4.extract_lane': [vectorPrefix, 0x1b],
  'i16x8.extadd_pairwise_i8x16_u': [vectorPrefix, 0x7d],
  'i32x4.extadd_pairwise_i16x8_u': [vectorPrefix, 0x7f],
  'i16x8.extmul_low_i8x16_u': [vectorPrefix, 0x9e, 0x01],
  'i16x8.extmul_high_i8x16_u': [vectorPrefix, 0x9f, 0x01],
  'i32x4.add': [vectorPrefix, 0xae, 0x01],
};

const types = { i32: 0x7f, v128: 0x7b };

/** Returns the bytes of a WebAssembly module that exports the function and its memory. */
export function assemble(source: FunctionSource): Uint8Array {
  const parameters = Array<number>(source.parameters).fill(types.i32);
  const locals = source.locals.flatMap((type) => [1, types[type]]);
  const body = [source.locals.length, ...locals, ...source.code.flatMap(encode), ...encode(['end'])];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, 0x60, parameters.length, ...parameters, 1, types.i32]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, ...unsigned(source.memoryPages)]),
    ...section(7, [2, ...text(source.name), 0, 0, ...text('memory'), 2, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
}

function encode([name, ...operands]: Instruction): number[] {
  const operation = operations[name];
  if (operation === undefined) throw new Error(`The assembler does not know ${name}.`);
  if (name === 'v128.const') return [...operation, ...operands];
  return [...operation, ...operands.flatMap(name === 'i32.const' ? signed : unsigned)];
}

function section(id: number, content: number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function text(value: string): number[] {
  const bytes = [...Buffer.from(value)];
  return [...unsigned(bytes.length), ...bytes];
}

/** Encodes an unsigned integer as LEB128: seven bits per byte, lowest bits first. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  if (value >= -64 && value < 64) return [value & 0x7f];
  return [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
