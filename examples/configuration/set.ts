// Changes the configuration: all given keys with one transaction.
// Run it with: node examples/dist/configuration/set.js greeting='"good morning"' intervalMs=500
import { connect } from '@nodekeeper/client';
import { ConfigCenter } from '@nodekeeper/recipes';
import { keys, path } from './settings.js';

await using zk = await connect(process.env.ZOOKEEPER);
await using config = new ConfigCenter(zk, path, { keys });
await config.start();
const values = process.argv.slice(2).map((argument) => {
  const [key, value] = argument.split('=');
  return [key, JSON.parse(value ?? 'null')];
});
await config.set(Object.fromEntries(values));
console.log(JSON.stringify(config.current));
