// A service that follows its configuration: it says its greeting again and again.
// Run it with: node examples/dist/configuration/service.js
import { connect } from '@nodekeeper/client';
import { ConfigCenter } from '@nodekeeper/recipes';
import { keys, path } from './settings.js';

const zk = await connect(process.env.ZOOKEEPER, { renewSession: true });
const config = new ConfigCenter(zk, path, { keys });
config.on('change', ({ keys: changed, current }) => {
  console.log(`changed: ${changed.map((key) => `${key} = ${current[key]}`).join(', ')}`);
});
config.on('invalid', ({ path: node, error }) => console.log(`keeps the last good value of ${node}: ${error.message}`));
await config.start();

let timer: NodeJS.Timeout;
const speak = () => {
  // `current` always has values of one state of the configuration
  const { greeting, intervalMs } = config.current;
  console.log(greeting);
  timer = setTimeout(speak, intervalMs);
};
speak();

process.once('SIGINT', async () => {
  clearTimeout(timer);
  await config.close();
  await zk.close();
});
