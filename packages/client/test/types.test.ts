import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type bytes,
  type Codec,
  type Created,
  type CreateMode,
  connect,
  json,
  type NodeData,
  type Outcome,
  type SessionChange,
  type StandardSchema,
  type Stat,
  utf8,
  type WatchEvent,
  type WatchEventType,
  type WatchStream,
  type ZooKeeper,
  ZooKeeperError,
  type ZooKeeperErrorCode,
} from '../src/index.js';

/*
 * Checks the types on which users rely. Nothing in `promises` runs: each function must compile, or the build fails. The
 * line after `@ts-expect-error` must not compile.
 */

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function expect<_Holds extends true>(): void {}

interface Settings {
  readonly retries: number;
}
declare const settingsSchema: StandardSchema<Settings>;
declare const settings: Codec<Settings>;
interface Event {
  readonly when: Date;
}
/** A schema with the same type as `z.object({ when: z.string().transform((text) => new Date(text)) })` in Zod. */
declare const transformingSchema: StandardSchema<Event, { when: string }>;

const promises = {
  async 'data is bytes, or what the codec makes of it, or null'(zk: ZooKeeper) {
    const raw = await zk.get('/a');
    expect<Equal<typeof raw, NodeData<Buffer>>>();
    expect<Equal<typeof raw.data, Buffer | null>>();
    expect<Equal<typeof raw.stat, Stat>>();

    const text = await zk.get('/a', { codec: utf8 });
    expect<Equal<typeof text.data, string | null>>();

    const value = await zk.get('/a', { codec: settings, timeoutMs: 5 });
    expect<Equal<typeof value.data, Settings | null>>();

    const watched = await zk.get('/a', { watch: ({ path }) => path.length });
    expect<Equal<typeof watched.data, Buffer | null>>();

    // @ts-expect-error the data may be null
    raw.data.length;
    // @ts-expect-error a codec has no name
    zk.get('/a', { codec: 'utf8' });
  },

  'json takes its type from a schema, from a type argument, or is unknown'() {
    const checked = json(settingsSchema);
    expect<Equal<typeof checked, Codec<Settings>>>();
    const believed = json<Settings>();
    expect<Equal<typeof believed, Codec<Settings>>>();
    const unchecked = json();
    expect<Equal<typeof unchecked, Codec<unknown>>>();
    expect<Equal<typeof bytes, Codec<Buffer>>>();
    const transforming = json(transformingSchema);
    expect<Equal<typeof transforming, Codec<Event, { when: string }>>>();
    // @ts-expect-error a function is not a schema
    json((value: unknown) => value);
  },

  async 'what is written is data, or a value of the codec'(zk: ZooKeeper) {
    const created = await zk.create('/a');
    expect<Equal<typeof created, Created>>();
    await zk.create('/a', 'text', { mode: 'EPHEMERAL_SEQUENTIAL' });
    await zk.create('/a', new Uint8Array(1));
    await zk.create('/a', null);
    await zk.create('/a', { retries: 3 }, { codec: settings });
    await zk.createWithParents('/a/b', { retries: 3 }, { codec: settings });
    const stat = await zk.set('/a', 'text', { version: 3 });
    expect<Equal<typeof stat, Stat>>();
    await zk.set('/a', { retries: 3 }, { codec: settings });

    const transforming = json(transformingSchema);
    await zk.create('/a', { when: '2026' }, { codec: transforming });
    const read = await zk.get('/a', { codec: transforming });
    expect<Equal<typeof read.data, Event | null>>();
    await zk.multiRead().get('/a', { codec: transforming }).run();
    // @ts-expect-error the input type differs from the output type
    zk.set('/a', { when: new Date() }, { codec: transforming });
    // @ts-expect-error also in a transaction, the input type differs from the output type
    zk.transaction().create('/a', { when: new Date() }, { codec: transforming });
    // @ts-expect-error the value does not have this field
    zk.create('/a', { retries: 3, tries: 3 }, { codec: settings });
    // @ts-expect-error the value may be a number, which is not a value of this codec
    zk.set('/a', Math.random() > 1 ? 'text' : 5, { codec: utf8 });

    // @ts-expect-error an object needs a codec
    zk.create('/a', { retries: 3 });
    // @ts-expect-error this is not a value of the codec
    zk.create('/a', { retries: 'three' }, { codec: settings });
    // @ts-expect-error this is not a value of the codec
    zk.set('/a', 5, { codec: utf8 });
    // @ts-expect-error a number is not data
    zk.set('/a', 5);
    // @ts-expect-error `set` needs data
    zk.set('/a');
    // @ts-expect-error there is no mode of this name
    zk.create('/a', '', { mode: 'PERMANENT' });
    // @ts-expect-error a path is text
    zk.create(5);
  },

  'modes have the names of the Java client'() {
    expect<
      Equal<
        CreateMode,
        | 'PERSISTENT'
        | 'EPHEMERAL'
        | 'PERSISTENT_SEQUENTIAL'
        | 'EPHEMERAL_SEQUENTIAL'
        | 'CONTAINER'
        | 'PERSISTENT_WITH_TTL'
        | 'PERSISTENT_SEQUENTIAL_WITH_TTL'
      >
    >();
  },

  async 'reads say what they find'(zk: ZooKeeper) {
    const stat = await zk.exists('/a');
    expect<Equal<typeof stat, Stat | null>>();
    // @ts-expect-error the node may not exist
    stat.version;
    const list = await zk.children('/a');
    expect<Equal<typeof list, { children: string[]; stat: Stat }>>();
    const number = await zk.getAllChildrenNumber('/a');
    expect<Equal<typeof number, number>>();
    const ephemerals = await zk.getEphemerals();
    expect<Equal<typeof ephemerals, string[]>>();
    const nothing = await zk.delete('/a', { version: 1 });
    expect<Equal<typeof nothing, void>>();
    const synced = await zk.sync();
    expect<Equal<typeof synced, void>>();
    // @ts-expect-error a read has no version
    zk.get('/a', { version: 1 });
  },

  async 'a transaction knows the result of each of its operations'(zk: ZooKeeper) {
    const results = await zk
      .transaction()
      .create('/a', { retries: 1 }, { codec: settings })
      .set('/b', 'x', { version: 3 })
      .check('/c', 1)
      .delete('/d')
      .create('/e')
      .commit();
    expect<Equal<typeof results, [Created, Stat, undefined, undefined, Created]>>();
    const none = await zk.transaction().commit();
    expect<Equal<typeof none, []>>();
    // @ts-expect-error the tuple has only five results
    results[5];
    // @ts-expect-error the second result is a Stat
    results[1].path;
    // @ts-expect-error a transaction has no reads
    zk.transaction().get('/a');
    // @ts-expect-error an object needs a codec
    zk.transaction().set('/a', { retries: 1 });
  },

  async 'reads that are made together have an outcome each'(zk: ZooKeeper) {
    const [raw, value, names] = await zk.multiRead().get('/a').get('/b', { codec: settings }).children('/c').run();
    expect<Equal<typeof raw, PromiseSettledResult<NodeData<Buffer>>>>();
    expect<Equal<typeof value, PromiseSettledResult<NodeData<Settings>>>>();
    expect<Equal<typeof names, PromiseSettledResult<string[]>>>();
    if (value.status === 'fulfilled') expect<Equal<typeof value.value.data, Settings | null>>();
    // @ts-expect-error the read may have been rejected
    raw.value;
    // @ts-expect-error a multi-read has no writes
    zk.multiRead().set('/a', '');
  },

  'an error has a code of a closed set, and the outcome of the request'(error: unknown) {
    if (ZooKeeperError.is(error)) {
      expect<Equal<typeof error, ZooKeeperError>>();
      expect<Equal<typeof error.code, ZooKeeperErrorCode>>();
      expect<Equal<typeof error.outcome, Outcome>>();
      expect<Equal<Outcome, 'rejected' | 'not-sent' | 'unknown'>>();
      expect<Equal<typeof error.path, string | undefined>>();
      expect<Equal<typeof error.results, readonly ZooKeeperError[] | undefined>>();
      if (error.code === 'NONODE' || error.code === 'CLOSED') error.message.length;
      // @ts-expect-error there is no code of this name
      if (error.code === 'NO_NODE') error.message.length;
    }
    ZooKeeperError.is(error, 'BADVERSION');
    // @ts-expect-error there is no code of this name
    ZooKeeperError.is(error, 'BAD_VERSION');
    // @ts-expect-error the type of `error` is unknown outside the `if`
    error.code;
  },

  async 'watch events have a type of a closed set'(zk: ZooKeeper) {
    const stream = zk.watch('/a', { recursive: true });
    expect<Equal<typeof stream, WatchStream>>();
    expect<Equal<typeof stream.ready, Promise<void>>>();
    for await (const event of stream) {
      expect<Equal<typeof event, WatchEvent>>();
      expect<Equal<typeof event.type, WatchEventType>>();
      if (event.type === 'PossiblyMissed') break;
      // @ts-expect-error there is no event of this type
      if (event.type === 'NodeChanged') break;
    }
    const result = await stream.next();
    if (!result.done) expect<Equal<typeof result.value, WatchEvent>>();
    await zk.addWatch('/a', (event) => expect<Equal<typeof event, WatchEvent>>(), { mode: 'PERSISTENT' });
    await zk.removeWatches('/a', { kind: 'persistentRecursive' });
    zk.watch('/a', { once: 'children' });
    // @ts-expect-error one-shot watches are on data, children, or whether a node exists
    zk.watch('/a', { once: 'acl' });
    // @ts-expect-error there is no mode of this name for a watch
    zk.addWatch('/a', () => {}, { mode: 'RECURSIVE' });
    // @ts-expect-error there is no kind of this name
    zk.removeWatches('/a', { kind: 'recursive' });
    // @ts-expect-error `addWatch` needs a callback
    zk.addWatch('/a');
  },

  'session events have a closed set of names'(zk: ZooKeeper) {
    zk.on('state', (change) => expect<Equal<typeof change, SessionChange>>());
    zk.on('Expired', ({ event, state, reason }) => [event, state, reason.length]);
    zk.once('SyncConnected', (change) => change.event === 'SyncConnected');
    expect<
      Equal<
        SessionChange['event'],
        'SyncConnected' | 'ConnectedReadOnly' | 'Disconnected' | 'Expired' | 'AuthFailed' | 'Closed'
      >
    >();
    expect<Equal<ZooKeeper['state'], 'CONNECTING' | 'CONNECTED' | 'CONNECTEDREADONLY' | 'CLOSED' | 'AUTH_FAILED'>>();
    // @ts-expect-error there is no state of this name
    if (zk.state === 'DISCONNECTED') zk.close();
  },

  async 'a client is disposed of, and hands its session over'() {
    await using zk = await connect('a:2181', { session: { id: 5n, password: new Uint8Array(16) } });
    expect<Equal<typeof zk, ZooKeeper>>();
    expect<Equal<typeof zk.session, { readonly id: bigint; readonly password: Buffer; readonly timeoutMs: number }>>();
    await connect('b:2181', { session: zk.session, readOnly: true, auth: [{ scheme: 'digest', auth: 'u:p' }] });
    await connect('b:2181', { tls: true, reconnectDelayMs: { base: 1, max: 2 } });
    // @ts-expect-error a session id is a bigint
    connect('b:2181', { session: { id: 5, password: new Uint8Array(16) } });
    // @ts-expect-error there is no option of this name
    connect('b:2181', { sessionTimeout: 5 });
  },

  'every call to the server accepts a signal and a time limit'(zk: ZooKeeper, signal: AbortSignal) {
    const limits = { signal, timeoutMs: 100 };
    return [
      zk.create('/a', '', limits),
      zk.createWithParents('/a', '', limits),
      zk.delete('/a', limits),
      zk.deleteRecursive('/a', limits),
      zk.exists('/a', limits),
      zk.get('/a', limits),
      zk.set('/a', '', limits),
      zk.children('/a', limits),
      zk.getAllChildrenNumber('/a', limits),
      zk.getEphemerals('/', limits),
      zk.getAcl('/a', limits),
      zk.setAcl('/a', [], limits),
      zk.sync('/a', limits),
      zk.whoAmI(limits),
      zk.getConfig(limits),
      zk.reconfig({}, limits),
      zk.addWatch('/a', () => {}, limits),
      zk.removeWatches('/a', limits),
      zk.transaction().commit(limits),
      zk.multiRead().run(limits),
      zk.connected(limits),
    ];
  },
};

test('types: every function of this file compiles', () => {
  for (const promise of Object.values(promises)) assert.equal(typeof promise, 'function');
});
