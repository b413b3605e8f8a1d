// A master, or a backup master: the first one leads, and each of the others waits for the one before it.
// Run it with: node examples/dist/master-worker/master.js [name]
import { Master } from '@nodekeeper/recipes';
import { closeAtCtrlC, connectToServer, path } from './jobs.js';

const zk = await connectToServer();
const master = new Master(zk, path, { name: process.argv[2] ?? `master-${process.pid}` });

master.on('leading', ({ token }) => console.log(`is the master (token ${token})`));
master.on('standby', () => console.log('is not the master any more'));
master.on('worker-joined', ({ worker }) => console.log(`sees ${worker} join`));
master.on('worker-left', ({ worker }) => console.log(`sees ${worker} leave`));
master.on('assigned', ({ task, worker }) => console.log(`assigns ${task} to ${worker}`));
master.on('taken-back', ({ task, worker }) => console.log(`takes ${task} back from ${worker}`));

closeAtCtrlC(async () => {
  await master.close();
  await zk.close();
});
await master.start();
console.log('stands in line');
