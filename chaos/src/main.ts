import { type Options, parseOptions, usage } from './options.js';
import { Run } from './run.js';

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  console.log(usage);
  process.exit(0);
}
let options: Options;
try {
  options = parseOptions(args);
} catch (error) {
  console.error(`${(error as Error).message}\n${usage}`);
  process.exit(2);
}
// `exit` runs the handlers that kill the servers and unmount their disks
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

const { minutes, servers, seed, groups } = options;
console.log(`Chaos: ${servers} servers, ${minutes} min, seed ${seed}, faults ${groups.join(', ')}`);
const hasPassed = await new Run(options).run();
process.exit(hasPassed ? 0 : 1);
