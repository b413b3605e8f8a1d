/**
 * Server ids in the order in which Apache prints them, that of a Java HashMap: by the bucket that the id falls into.
 * For ids below 16 this is ascending; 17 comes before 2. Where two ids share a bucket Java's order depends on how the
 * configuration was read, and Java servers differ among themselves; here the given order stays.
 */
export function inHashOrder(ids: Iterable<number>): number[] {
  const all = [...ids];
  let buckets = 16;
  while (all.length > 0.75 * buckets) buckets *= 2;
  return all.sort((one, other) => bucketOf(one, buckets) - bucketOf(other, buckets));
}

/** `Long.hashCode`, spread as HashMap does. */
function bucketOf(id: number, buckets: number): number {
  const hash = (id % 2 ** 32) ^ Math.floor(id / 2 ** 32);
  return (hash ^ (hash >>> 16)) & (buckets - 1);
}
