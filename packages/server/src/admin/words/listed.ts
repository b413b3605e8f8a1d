/** Copies each iterable to an array, so that later changes of the server's state do not affect the answer. */
export function listed<Key, Item>(map: ReadonlyMap<Key, Iterable<Item>>): ReadonlyMap<Key, readonly Item[]> {
  const copy = new Map<Key, readonly Item[]>();
  for (const [key, items] of map) copy.set(key, [...items]);
  return copy;
}
