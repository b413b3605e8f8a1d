import type { ZooKeeper } from '@nodekeeper/client';
import { deleteSurely } from './guaranteed-delete.js';

const delayMs = 50;

const waiting = new WeakMap<ZooKeeper, string[]>();

/**
 * Deletes an ephemeral node of this client soon, together with others. The server answers the requests of a client in
 * order, so a deletion after each write would delay the next request by one write to the disk.
 */
export function deleteSoon(zk: ZooKeeper, path: string): void {
  const paths = waiting.get(zk);
  if (paths !== undefined) {
    paths.push(path);
    return;
  }
  const batch = [path];
  waiting.set(zk, batch);
  zk.ports.scheduler.after(delayMs, () => {
    waiting.delete(zk);
    for (const each of batch) void deleteSurely(zk, each).catch(() => {});
  });
}
