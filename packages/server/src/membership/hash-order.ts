/**
 * Sorts server ids as ZooKeeper prints them, in the order of a Java HashMap: by the bucket of the id. For ids below 16
 * this is ascending; 17 comes before 2. For two ids in one bucket, Java's order depends on how the configuration was
 * read, and Java servers differ among themselves. Here they keep their given order.
 */
export function inHashOrder(ids: Iterable<number>): number[] {
  const all = [...ids];
  let buckets = 16;
  while (all.length > 0.75 * buckets) buckets *= 2;
  return all.sort((one, other) => bucketOf(one, buckets) - bucketOf(other, buckets));
}

/** `Long.hashCode` with the spreading of HashMap. */
function bucketOf(id: number, buckets: number): number {
  const hash = (id % 2 ** 32) ^ Math.floor(id / 2 ** 32);
  return (hash ^ (hash >>> 16)) & (buckets - 1);
}
