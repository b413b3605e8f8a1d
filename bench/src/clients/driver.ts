/**
 * One interface to all clients. It reports the end of each request to a callback, and uses the cheapest call that each
 * client has.
 */
import type { ContenderName } from './contenders.js';

/** Called once per request, with the error or the number of bytes of the node's data. */
export type Done = (error: Error | undefined, bytes: number) => void;

export interface Driver {
  get(path: string, done: Done): void;
  set(path: string, data: Buffer, done: Done): void;
  close(): Promise<void>;
}

/** Imports the client and resolves when it has a session. */
export async function openDriver(name: ContenderName, entry: string, port: number): Promise<Driver> {
  const module = await import(entry);
  return await drivers[name](module, `127.0.0.1:${port}`);
}

type Open<Module> = (module: Module, connectString: string) => Promise<Driver>;

// biome-ignore lint/suspicious/noExplicitAny: each function accepts only the module of its own client
const drivers: Record<ContenderName, Open<any>> = {
  '@nodekeeper/client': openOurs,
  'node-zookeeper-client': openJavaScript,
  zookeeper: openNative,
};

async function openOurs(client: typeof import('@nodekeeper/client'), connectString: string): Promise<Driver> {
  const zk = await client.connect(connectString);
  return {
    get(path, done) {
      zk.get(path).then(
        ({ data }) => done(undefined, data?.length ?? 0),
        (error: Error) => done(error, 0),
      );
    },
    set(path, data, done) {
      zk.set(path, data).then(
        (stat) => done(undefined, stat.dataLength),
        (error: Error) => done(error, 0),
      );
    },
    close: () => zk.close(),
  };
}

interface JavaScriptClient {
  once(event: 'connected' | 'disconnected', listener: () => void): void;
  connect(): void;
  getData(path: string, callback: (error: Error | null, data: Buffer | undefined) => void): void;
  setData(path: string, data: Buffer, callback: (error: Error | null, stat: { dataLength: number }) => void): void;
  close(): void;
}

async function openJavaScript(
  module: { default: { createClient(connectString: string): JavaScriptClient } },
  connectString: string,
): Promise<Driver> {
  const client = module.default.createClient(connectString);
  await new Promise<void>((resolve) => {
    client.once('connected', resolve);
    client.connect();
  });
  return {
    get: (path, done) => client.getData(path, (error, data) => done(error ?? undefined, data?.length ?? 0)),
    set: (path, data, done) =>
      client.setData(path, data, (error, stat) => done(error ?? undefined, error ? 0 : stat.dataLength)),
    close: () =>
      new Promise((resolve) => {
        client.once('disconnected', resolve);
        client.close();
      }),
  };
}

interface NativeStat {
  dataLength: number;
}

interface NativeClient {
  once(event: 'connect' | 'close', listener: () => void): void;
  init(config: object): void;
  a_get(path: string, watch: boolean, callback: NativeCallback<[stat: NativeStat, data: Buffer]>): void;
  a_set(path: string, data: Buffer, version: number, callback: NativeCallback<[stat: NativeStat]>): void;
  close(): void;
}

type NativeCallback<Results extends unknown[]> = (code: number, message: string, ...results: Results) => void;

async function openNative(
  module: { default: (new (config: object) => NativeClient) & { ZOO_LOG_LEVEL_ERROR: number } },
  connectString: string,
): Promise<Driver> {
  const { default: ZooKeeper } = module;
  const config = { connect: connectString, timeout: 30_000, debug_level: ZooKeeper.ZOO_LOG_LEVEL_ERROR };
  const client = new ZooKeeper({ ...config, data_as_buffer: true });
  await new Promise<void>((resolve) => {
    client.once('connect', resolve);
    client.init({});
  });
  const failureOf = (code: number, message: string) => (code === 0 ? undefined : new Error(`${code} ${message}`));
  return {
    get: (path, done) =>
      client.a_get(path, false, (code, message, _stat, data) => done(failureOf(code, message), data?.length ?? 0)),
    set: (path, data, done) =>
      client.a_set(path, data, -1, (code, message, stat) => done(failureOf(code, message), stat?.dataLength ?? 0)),
    close: () =>
      new Promise((resolve) => {
        client.once('close', resolve);
        client.close();
      }),
  };
}
