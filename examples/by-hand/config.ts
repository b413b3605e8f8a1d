// A configuration that is stored in ZooKeeper and followed by running processes.
// Run it with: node examples/dist/by-hand/config.js [connect string]
// Change the configuration while the example runs, for example with zkcli:
// set /examples/config '{"greeting":"hi","everyMs":500}'
import { connect, json, type StandardSchema, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';

export interface Config {
  readonly greeting: string;
  readonly everyMs: number;
}

const path = '/examples/config';
const initial: Config = { greeting: 'hello', everyMs: 1000 };

// A schema without a library. With Zod it would be z.object({ greeting: z.string(), everyMs: z.number().min(100) }).
// The function json accepts the schema of any library that implements Standard Schema.
const schema: StandardSchema<Config> = {
  '~standard': {
    version: 1,
    vendor: 'example',
    validate: (value) => {
      const { greeting, everyMs } = (value ?? {}) as Config;
      if (typeof greeting !== 'string') return { issues: [{ message: 'must be text', path: ['greeting'] }] };
      if (!(everyMs >= 100)) return { issues: [{ message: 'must be a number, at least 100', path: ['everyMs'] }] };
      return { value: { greeting, everyMs } };
    },
  },
};
const codec = json(schema);

/** Calls `apply` with the configuration, and again after each change. Rejects when the session ends. */
export async function follow(zk: ZooKeeper, apply: (config: Config) => void, signal: AbortSignal): Promise<void> {
  // Set the watch before reading. A write after the read then causes an event, so that no change is missed.
  await using changes = zk.watch(path, { signal });
  await changes.ready;
  await load(zk, apply);
  // Read again after every event. `PossiblyMissed` is such an event: it arrives after a reconnection, because a change
  // may have been missed.
  for await (const _event of changes) await load(zk, apply);
}

async function load(zk: ZooKeeper, apply: (config: Config) => void): Promise<void> {
  try {
    const { data } = await zk.get(path, { codec });
    if (data !== null) apply(data);
  } catch (error) {
    // A client wrote invalid data or deleted the node: keep the last good configuration.
    if (!ZooKeeperError.is(error, 'INVALID_DATA') && !ZooKeeperError.is(error, 'NONODE')) throw error;
    console.error(`kept the last good configuration: ${error.message}`);
  }
}

/** Follows the configuration until `signal` is aborted, across lost connections and expired sessions. */
export async function run(connectString: string | undefined, apply: (config: Config) => void, signal: AbortSignal) {
  while (!signal.aborted) {
    await using zk = await connect(connectString);
    try {
      await createOnce(zk);
      await follow(zk, apply, signal);
    } catch (error) {
      // Start again with a new client. After an expired session this is necessary. After a lost connection the old
      // client would reconnect by itself, but one way to recover is enough.
      const isPassing = ZooKeeperError.is(error, 'CONNECTIONLOSS') || ZooKeeperError.is(error, 'SESSIONEXPIRED');
      if (!isPassing && !signal.aborted) throw error;
    }
  }
}

/** Creates the node unless it exists. A retry is safe: a node from an earlier attempt is left unchanged. */
async function createOnce(zk: ZooKeeper): Promise<void> {
  try {
    await zk.createWithParents(path, initial, { codec });
  } catch (error) {
    if (!ZooKeeperError.is(error, 'NODEEXISTS')) throw error;
  }
}

async function main(): Promise<void> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  let timer: NodeJS.Timeout | undefined;
  const apply = ({ greeting, everyMs }: Config) => {
    console.log(`every ${everyMs} ms: ${greeting}`);
    clearInterval(timer);
    timer = setInterval(() => console.log(greeting), everyMs);
  };
  await run(process.argv[2], apply, stop.signal);
  clearInterval(timer);
}

if (process.argv[1] === import.meta.filename) await main();
