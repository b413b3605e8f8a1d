import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Perm } from '@nodekeeper/protocol';
import { connect, OPEN_ACL, ZooKeeper, ZooKeeperError } from '../src/index.js';
import { startServerWithShortTicks } from './support/fault-bench.js';
import { empty, everything, type PublicCall, publicCalls } from './support/public-calls.js';

/*
 * Calls every public function with every kind of invalid value for each argument, as a plain JavaScript program can.
 * The call must fail with an error that names the argument, and must send nothing to the server.
 */

let zk: ZooKeeper;

before(async (context) => {
  zk = await connect(`127.0.0.1:${await startServerWithShortTicks(context as never)}`);
});

after(() => zk.close());

for (const [name, row] of Object.entries(publicCalls)) {
  test(`${name} rejects every wrong argument by name, and sends nothing`, async () => {
    const sent = () => [zk.stats().requestsSent, zk.stats().framesSent - zk.stats().pings, zk.stats().queued];
    const before = sent();
    await checkPlaces(row);
    await checkOptions(row);
    assert.deepEqual(sent(), before);
  });
}

async function checkPlaces({ call, good, places }: PublicCall): Promise<void> {
  for (const [index, place] of places.entries()) {
    for (const value of place.isOptional ? everything : [undefined, ...everything]) {
      if (!place.good(value)) await refuses(() => call(zk as never, ...good.with(index, value)), place.name, value);
    }
  }
}

async function checkOptions({ call, good, options, optionsName }: PublicCall): Promise<void> {
  if (Object.keys(options).length === 0) return;
  const refused = (name: string, value: unknown, given: unknown) =>
    refuses(() => call(zk as never, ...good, given), name, value);
  for (const value of everything) if (!empty(value)) await refused(optionsName, value, value);
  await refused(`${optionsName}.noSuchOption is unknown`, 1, { noSuchOption: 1 });
  for (const [option, isGood] of Object.entries(options)) {
    for (const value of everything) {
      if (!isGood(value)) await refused(`${optionsName}.${option}`, value, { [option]: value });
    }
  }
}

/**
 * Checks that a call rejects `value` with an error that names the argument. For a path that is a string, the error
 * names the fault of the path instead.
 */
async function refuses(call: () => unknown, name: string, value: unknown): Promise<void> {
  const what = `${name}: ${String(value)} (${typeof value})`;
  let result: unknown;
  try {
    result = await call();
  } catch (error) {
    assert.ok(ZooKeeperError.is(error, 'BADARGUMENTS'), `${what} ends with ${error}`);
    assert.equal(error.outcome, 'not-sent', what);
    const isPath = name === 'path' && typeof value === 'string';
    assert.ok(error.message.includes(isPath ? 'Path ' : name), `${what} is rejected with ${error.message}`);
    return;
  }
  if (result instanceof ZooKeeper) await result.close();
  assert.fail(`${what} is taken`);
}

test('an ACL without entries is INVALIDACL, as in the Java client', async () => {
  for (const call of [() => zk.setAcl('/a', []), () => zk.create('/a', '', { acl: [] })]) {
    await assert.rejects(call, { code: 'INVALIDACL', outcome: 'not-sent' });
  }
});

test('permissions are the sums of Perm, from 0 to Perm.ALL', async () => {
  for (const perms of [0, Perm.READ, Perm.READ | Perm.ADMIN, Perm.ALL]) {
    await zk.setAcl('/', [{ scheme: 'world', id: 'anyone', perms: perms | Perm.ADMIN }]);
  }
  for (const perms of [-1, 32, 1.5, '31', undefined]) {
    const acl = [{ scheme: 'world', id: 'anyone', perms: perms as number }];
    await assert.rejects(zk.setAcl('/', acl), {
      code: 'BADARGUMENTS',
      message: /acl\[0\]\.perms must be a sum of Perm/,
    });
  }
  await zk.setAcl('/', OPEN_ACL);
});

test('invalid options of tls.connect are rejected before the client connects', async () => {
  for (const tls of [
    { ca: 5 },
    { cert: 'no certificate' },
    { key: 'no key', cert: 'x' },
    { minVersion: 'TLS9' },
    { pfx: 'x' },
  ]) {
    const refusal = { code: 'BADARGUMENTS', message: /options\.tls is invalid: / };
    await assert.rejects(connect('127.0.0.1:1', { tls: tls as object }), refusal);
  }
});

test('an error does not show a secret of the wrong type', () => {
  const auth = [{ scheme: 'digest', auth: 4711 as unknown as string }];
  const refusal = /options\.auth\[0\]\.auth must be a string or a Uint8Array, got a number/;
  assert.throws(() => new ZooKeeper('127.0.0.1:1', { auth }), refusal);
});
