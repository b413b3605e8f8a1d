import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type ClientOptions, connect, type ZooKeeper } from '@nodekeeper/client';
import { type TestEnsemble, type TestServerConfig, useServer } from '@nodekeeper/testing';
import { RecipeError, type RecipeErrorCode } from '../../src/index.js';

/** A server in this process. It stops when the test ends, and so do the clients. */
export interface Bench {
  /** The server, with faults on demand. */
  readonly server: TestEnsemble;
  connect(options?: ClientOptions): Promise<ZooKeeper>;
  /** Ends the session of a client, as if it had expired. */
  expire(zk: ZooKeeper): Promise<void>;
}

/** @param config settings of the server that differ from those of the other tests */
export async function recipeBench(context: TestContext, config: TestServerConfig = {}): Promise<Bench> {
  const server = await useServer(context, { config });
  const open = async (options: ClientOptions = {}) => {
    const client = await connect(server.connectString, options);
    context.after(() => client.close());
    return client;
  };
  return {
    server,
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
