// A runner in a race: all runners start together, and all go home together.
// Run it with: node examples/dist/barrier/runner.js [name] [number of runners]
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@nodekeeper/client';
import { DoubleBarrier } from '@nodekeeper/recipes';

const [name = `runner ${process.pid}`, runners = '2'] = process.argv.slice(2);
await using zk = await connect(process.env.ZOOKEEPER, { sessionTimeoutMs: 4000 });
const barrier = new DoubleBarrier(zk, '/examples/barrier', Number(runners), { data: name });

console.log(`${name} is at the start, and waits for ${runners} runners`);
await barrier.enter();
console.log(`${name} runs`);
await sleep(500 + Math.random() * 2000);
console.log(`${name} is at the finish, and waits for the others`);
await barrier.leave();
console.log(`${name} goes home`);
