import type { Reader } from './reader.js';
import type { Writer } from './writer.js';

export function readVector<T>(reader: Reader, itemSizeMin: number, readItem: (reader: Reader) => T): T[] | null {
  const count = reader.count(itemSizeMin);
  if (count < 0) return null;
  const items: T[] = [];
  for (let index = 0; index < count; index++) items.push(readItem(reader));
  return items;
}

export function writeVector<T>(
  writer: Writer,
  items: readonly T[] | null,
  writeItem: (writer: Writer, item: T) => void,
): void {
  if (items === null) {
    writer.int(-1);
    return;
  }
  writer.int(items.length);
  for (const item of items) writeItem(writer, item);
}
