/** A copy with arrays, which later changes of the server leave alone. */
export function listed<Key, Item>(map: ReadonlyMap<Key, Iterable<Item>>): ReadonlyMap<Key, readonly Item[]> {
  const copy = new Map<Key, readonly Item[]>();
  for (const [key, items] of map) copy.set(key, [...items]);
  return copy;
}
