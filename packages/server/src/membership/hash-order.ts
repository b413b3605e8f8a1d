/**
 * Sorts server ids into the order in which ZooKeeper prints them: that of a Java HashMap, by the bucket of the id. For
 * example, 17 comes before 2, because 17 is in bucket 1 of 16 buckets. If two ids share a bucket, Java's order depends
 * on how the configuration was read, so Java servers can differ from each other. This function leaves such ids in the
 * order of its argument.
 */
export function inHashOrder(ids: Iterable<number>): number[] {
  const all = [...ids];
  let buckets = 16;
  while (all.length > 0.75 * buckets) buckets *= 2;
  return all.sort((one, other) => bucketOf(one, buckets) - bucketOf(other, buckets));
}

/** Computes `Long.hashCode` of the id, spreads its bits as HashMap does, and reduces the result to a bucket. */
function bucketOf(id: number, buckets: number): number {
  const hash = (id % 2 ** 32) ^ Math.floor(id / 2 ** 32);
  return (hash ^ (hash >>> 16)) & (buckets - 1);
}
