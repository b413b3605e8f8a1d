// Puts items into the queue.
// Run it with: node examples/dist/work-queue/producer.js [item ...]
import { connect } from '@nodekeeper/client';
import { LockingQueue } from '@nodekeeper/recipes';

await using zk = await connect(process.env.ZOOKEEPER);
const queue = new LockingQueue(zk, '/examples/work-queue');
const items = process.argv.slice(2);
await queue.putAll(items.length > 0 ? items : ['one', 'two', 'three']);
console.log(`the queue has ${await queue.size()} items`);
