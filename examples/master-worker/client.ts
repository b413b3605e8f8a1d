// A client: it submits one task for each number, and prints the results.
// Run it with: node examples/dist/master-worker/client.js [number ...]
import { TaskClient } from '@nodekeeper/recipes';
import { connectToServer, type Factors, type Job, path } from './jobs.js';

await using zk = await connectToServer();
const client = new TaskClient<Job, Factors>(zk, path);
const numbers = process.argv.slice(2).map(Number);

const run = async (number: number) => {
  // the id makes a second run of this program wait for the same task, instead of submitting it again
  const task = await client.submit({ number }, { id: String(number) });
  const factors = await task.result();
  console.log(`${number} = ${factors.join(' × ')}`);
  await task.delete();
};
await Promise.all((numbers.length > 0 ? numbers : [12, 97, 1001, 123456]).map(run));
console.log('has all results');
