/** Sorts keys into the order in which a Java `Properties` of default size iterates over them. */
export function inPropertiesOrder(keys: readonly string[]): string[] {
  let slots = 16;
  while (keys.length >= slots * 0.75) slots *= 2;
  const slotOf = new Map(keys.map((key) => [key, spread(key) & (slots - 1)]));
  // the sort is stable, so that keys in the same slot of the hash table keep their order
  return keys.toSorted((left, right) => slotOf.get(left)! - slotOf.get(right)!);
}

function spread(key: string): number {
  let hash = 0;
  for (let index = 0; index < key.length; index++) hash = (Math.imul(hash, 31) + key.charCodeAt(index)) | 0;
  return hash ^ (hash >>> 16);
}
