import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type ClientOptions, connect, type ZooKeeper } from '@nodekeeper/client';
import { defaultConfig, silentLogger, startServer } from '@nodekeeper/server';
import { RecipeError, type RecipeErrorCode } from '../../src/index.js';

/** A server in this process. It stops when the test ends, and so do the clients. */
export interface Bench {
  connect(options?: ClientOptions): Promise<ZooKeeper>;
  /** Ends the session of a client, as if it had expired. */
  expire(zk: ZooKeeper): Promise<void>;
}

/** @param changes settings of the server that differ from those of the other tests */
export async function recipeBench(
  context: TestContext,
  changes: Partial<ReturnType<typeof defaultConfig>> = {},
): Promise<Bench> {
  const dataDir = mkdtempSync(join(tmpdir(), 'nodekeeper-recipes-'));
  const config = { clientPort: 0, clientPortAddress: '127.0.0.1', tickTimeMs: 100, minSessionTimeoutMs: 200 };
  const sizes = { preAllocSizeKb: 64, maxClientCnxns: 0 };
  const server = await startServer(
    { ...defaultConfig(), dataDir, dataLogDir: dataDir, ...config, ...sizes, ...changes },
    silentLogger,
  );
  context.after(async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
  });
  const open = async (options: ClientOptions = {}) => {
    const client = await connect(`127.0.0.1:${server.port}`, options);
    context.after(() => client.close());
    return client;
  };
  return {
    connect: open,
    expire: async ({ session }) => {
      const twin = await open({ session });
      await twin.close();
    },
  };
}

/** Expects that a promise rejects with a `RecipeError` of this code, and returns the error. */
export async function refused(promise: Promise<unknown>, code: RecipeErrorCode): Promise<RecipeError> {
  const error = await promise.then(
    () => assert.fail(`expected ${code}, but the call succeeded`),
    (reason: unknown) => reason,
  );
  assert.ok(RecipeError.is(error), String(error));
  assert.equal(error.code, code, error.message);
  return error;
}
