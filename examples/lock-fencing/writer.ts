// A writer: it waits for the lock, and then writes to the store every second, with the token of the lock.
// Run it with: node examples/dist/lock-fencing/writer.js [name] [store]
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@nodekeeper/client';
import { Lock } from '@nodekeeper/recipes';

const [name = `writer-${process.pid}`, store = 'http://127.0.0.1:8700'] = process.argv.slice(2);
await using zk = await connect(process.env.ZOOKEEPER, { sessionTimeoutMs: 4000 });

console.log('waits for the lock');
await using held = await new Lock(zk, '/examples/lock-fencing', { policy: 'session' }).acquire();
console.log(`has the lock, token ${held.token}; to pause it: kill -STOP ${process.pid}`);

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
for (let count = 1; !stop.signal.aborted; count++) {
  // A real program also looks at `held.signal`, which tells it to stop early. This one trusts only the token, to show
  // that the token is enough: a process that was stopped cannot look at anything.
  const response = await fetch(store, {
    method: 'PUT',
    headers: { 'fencing-token': String(held.token) },
    body: `${name} ${count}`,
  });
  const answer = await response.text();
  console.log(`${name} ${count}: ${answer}`);
  if (!response.ok) break;
  await sleep(1000, undefined, { signal: stop.signal }).catch(() => {});
}
