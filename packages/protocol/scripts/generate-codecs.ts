/** Generates `src/codecs.gen.ts` from the record tables. With `--check`, only checks that the file is up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { records } from '../src/records/index.js';
import { type FieldType, fieldsOf, isScalar, type RecordSchema, type Schema, vectorItem } from '../src/schema.js';

const target = new URL('../../src/codecs.gen.ts', import.meta.url);
const schema: Schema = records;

const scalars = {
  int: { type: 'number', read: 'reader.int()', write: 'int', sizeMin: 4 },
  bool: { type: 'boolean', read: 'reader.bool()', write: 'bool', sizeMin: 1 },
  long: { type: 'bigint', read: 'reader.longBig()', write: 'longBig', sizeMin: 8 },
  zxid: { type: 'number', read: 'reader.long()', write: 'long', sizeMin: 8 },
  timeMs: { type: 'number', read: 'reader.long()', write: 'long', sizeMin: 8 },
  ustring: { type: 'string | null', read: 'reader.ustring()', write: 'ustring', sizeMin: 4 },
  buffer: { type: 'Buffer | null', read: 'reader.buffer()', write: 'buffer', sizeMin: 4 },
} as const;

function typeOf(type: FieldType): string {
  if (isScalar(type)) return scalars[type].type;
  const item = vectorItem(type);
  if (item === undefined) return type;
  const itemType = typeOf(item);
  return `${itemType.includes('|') ? `(${itemType})` : itemType}[] | null`;
}

function sizeMin(type: FieldType): number {
  if (isScalar(type)) return scalars[type].sizeMin;
  if (vectorItem(type) !== undefined) return 4;
  return fieldsOf(schema, type).reduce((sum, [, field]) => sum + sizeMin(field), 0);
}

function readOf(type: FieldType): string {
  if (isScalar(type)) return scalars[type].read;
  const item = vectorItem(type);
  if (item === undefined) return `read${type}(reader)`;
  return `readVector(reader, ${sizeMin(item)}, ${isScalar(item) ? `(reader) => ${readOf(item)}` : `read${item}`})`;
}

function writeOf(type: FieldType, value: string): string {
  if (isScalar(type)) return `writer.${scalars[type].write}(${value})`;
  const item = vectorItem(type);
  if (item === undefined) return `write${type}(writer, ${value})`;
  return `writeVector(writer, ${value}, ${isScalar(item) ? `(writer, item) => ${writeOf(item, 'item')}` : `write${item}`})`;
}

/** Records that are decoded into instances of a class, whose constructor takes the fields in order. */
const classes = new Map([['Stat', { name: 'ReadStat', file: './stat.js' }]]);

function bodyOfRead(name: string, entries: readonly [string, FieldType][]): string {
  const reads = entries.map(([field, type]) => ({ field, read: readOf(type) }));
  const made = classes.get(name);
  if (made !== undefined) {
    return `  return new ${made.name}(\n${reads.map(({ read }) => `    ${read},`).join('\n')}\n  );`;
  }
  return `  return {\n${reads.map(({ field, read }) => `    ${field}: ${read},`).join('\n')}\n  };`;
}

function codecOf(name: string, fields: RecordSchema): string {
  const entries = Object.entries(fields);
  return `
export interface ${name} {
${entries.map(([field, type]) => `  ${field}: ${typeOf(type)};`).join('\n')}
}

export function read${name}(reader: Reader): ${name} {
${bodyOfRead(name, entries)}
}

export function write${name}(writer: Writer, value: ${name}): void {
${entries.map(([field, type]) => `  ${writeOf(type, `value.${field}`)};`).join('\n')}
}
`;
}

const generated = `// Made by scripts/generate-codecs.ts from src/records: change those, then \`npm run generate\`.
import type { Reader } from './reader.js';
${Array.from(classes.values())
  .map(({ name, file }) => `import { ${name} } from '${file}';`)
  .join('\n')}
import { readVector, writeVector } from './vector.js';
import type { Writer } from './writer.js';
${Object.entries(schema)
  .map(([name, fields]) => codecOf(name, fields))
  .join('')}
/** Readers and writers by record name, for code that works on all of them. */
export const codecs = {
${Object.keys(schema)
  .map((name) => `  ${name}: { read: read${name}, write: write${name} },`)
  .join('\n')}
} as const;
`;

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== generated) {
    console.error('packages/protocol/src/codecs.gen.ts is out of date: run `npm run generate`.');
    process.exit(1);
  }
} else {
  writeFileSync(target, generated);
}
