// Takes items out of the queue, and works on each for two seconds. Kill it during the work: another consumer gets the item.
// Run it with: node examples/dist/work-queue/consumer.js [milliseconds]
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@nodekeeper/client';
import { LockingQueue, RecipeError } from '@nodekeeper/recipes';

const workMs = Number(process.argv[2] ?? 2000);
const zk = await connect(process.env.ZOOKEEPER, { sessionTimeoutMs: 4000, renewSession: true });
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

const queue = new LockingQueue(zk, '/examples/work-queue');
console.log('waits for items');
try {
  for await (const item of queue.items({ signal: stop.signal })) {
    const text = String(item.data);
    try {
      console.log(`works on ${text}`);
      // the signal is aborted when the reservation is lost or in doubt
      await sleep(workMs, undefined, { signal: item.signal });
      await item.consume();
      console.log(`has done ${text}`);
    } catch (error) {
      // the item stays in the queue, for this consumer or another one
      console.log(`gives up ${text}: ${(error as Error).message}`);
    }
  }
} catch (error) {
  if (!RecipeError.is(error, 'ABORTED')) throw error;
}
await zk.close();
