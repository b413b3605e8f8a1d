// A chat room that shows who is there. Each member has a node, and its data is the last line that the member has typed.
// Run it with: node examples/dist/chat/chat.js [name]
import { createInterface } from 'node:readline';
import { connect } from '@nodekeeper/client';
import { Group } from '@nodekeeper/recipes';

const name = process.argv[2] ?? `guest-${process.pid}`;
const zk = await connect(process.env.ZOOKEEPER, { sessionTimeoutMs: 4000, renewSession: true });
const room = new Group(zk, '/examples/chat', { id: name, reportIntervalMs: 50 });

room.on('joined', ({ id }) => id !== name && console.log(`* ${id} is here`));
room.on('left', ({ id }) => id !== name && console.log(`* ${id} is gone`));
room.on('changed', ({ id, value }) => id !== name && value && console.log(`${id}: ${value}`));
room.on('blocked', () => console.log(`* another ${name} is here; you join when that one is gone`));

await room.start();
await room.join('');
console.log(
  `* you are ${name}; here are ${room.members
    .map(({ id }) => id)
    .sort()
    .join(', ')}`,
);

const lines = createInterface(process.stdin);
lines.on('line', (line) => room.report(line));
// Ctrl-D or Ctrl-C
const leave = async () => {
  await room.close();
  await zk.close();
};
lines.once('close', leave);
process.once('SIGINT', () => lines.close());
