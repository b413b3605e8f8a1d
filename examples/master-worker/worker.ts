// A worker: it finds the prime factors of numbers, two numbers at a time.
// Run it with: node examples/dist/master-worker/worker.js [name]
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from '@nodekeeper/recipes';
import { closeAtCtrlC, connectToServer, type Factors, type Job, path } from './jobs.js';

const zk = await connectToServer();
const name = process.argv[2] ?? `worker-${process.pid}`;
const worker = new Worker<Job, Factors>(zk, path, factorize, { name, parallel: 2 });

async function factorize({ number }: Job, { name: task, signal }: { name: string; signal: AbortSignal }) {
  console.log(`begins ${task}: the factors of ${number}`);
  // stands for hard work; it stops when the worker's session is in doubt, because another worker may get the task
  await sleep(1000, undefined, { signal });
  return factorsOf(number);
}

function factorsOf(number: number): number[] {
  const factors: number[] = [];
  let rest = number;
  for (let factor = 2; factor * factor <= rest; factor++) {
    for (; rest % factor === 0; rest /= factor) factors.push(factor);
  }
  return rest > 1 ? [...factors, rest] : factors;
}

worker.on('registered', () => console.log('is ready'));
worker.on('done', ({ task }) => console.log(`has done ${task}`));
worker.on('refused', ({ task, reason }) => console.log(`gives up ${task}: ${reason}`));

closeAtCtrlC(async () => {
  // takes no new tasks, and ends its own
  await worker.drain();
  await zk.close();
});
await worker.start();
