import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { zxidEpoch } from '@nodekeeper/protocol';
import { runCommandLine } from '../../src/cli/command-line.js';
import { createMembers, createServers, type RealMember, waitUntil } from '../support/real-ensemble.js';
import { temporaryDirectory } from '../support/real-server.js';
import { createRequest } from '../support/test-client.js';

/** Runs `nodekeeper new-epochs` on the data of a member. Returns the exit code and the output. */
async function newEpochs(member: RealMember, ...args: string[]): Promise<{ code: number; said: string }> {
  const lines: string[] = [];
  const file = join(member.directory, 'zoo.cfg');
  writeFileSync(file, `dataDir=${member.directory}\nclientPort=2181\n`);
  const code = await runCommandLine(['new-epochs', file, ...args], {
    environment: {},
    stdout: (line) => lines.push(line),
    stderr: (line) => lines.push(line),
  });
  return { code, said: lines.join('\n') };
}

async function startAll(servers: readonly RealMember[]): Promise<void> {
  await Promise.all(servers.map((server) => server.start()));
  await waitUntil('all to serve', async () => (await Promise.all(servers.map((each) => each.mode()))).every(Boolean));
}

const stopAll = (servers: readonly RealMember[]) => Promise.all(servers.map((server) => server.stop()));

/** Creates three servers whose data has transactions of several epochs. The servers are stopped. */
async function history(context: TestContext): Promise<RealMember[]> {
  const servers = createServers(context, await createMembers(3));
  for (const path of ['/one', '/one/two', '/three']) {
    await startAll(servers);
    const client = await servers[0]!.connect();
    assert.equal((await client.call('create', createRequest(path, path))).err, 0);
    client.destroy();
    await stopAll(servers);
  }
  return servers;
}

async function statOf(server: RealMember, path: string) {
  const client = await server.connect();
  const { err, body } = await client.call('getData', { path, watch: false });
  client.destroy();
  assert.equal(err, 0, path);
  return { text: String(body.data), ...body.stat };
}

test("an ensemble continues with all its data and a new count of epochs, from copies of one member's data", async (context) => {
  const servers = await history(context);
  for (const { directory } of servers) {
    // this epoch is so high that no server starts with it
    writeFileSync(join(directory, 'version-2/acceptedEpoch'), String(2 ** 21 + 5));
  }
  await assert.rejects(
    servers[0]!.start(),
    /acceptedEpoch holds 2097157, which is more than 2097151: .* nodekeeper new-epochs/,
  );
  const told = await newEpochs(servers[0]!);
  assert.match(told.said, /is in epoch \d+ and ends with zxid 0x[0-9a-f]+\.$/);
  const target = join(temporaryDirectory(context), 'new');
  const done = await newEpochs(servers[0]!, '--to', target);
  assert.equal(done.code, 0, done.said);
  assert.deepEqual(
    ['currentEpoch', 'acceptedEpoch'].map((name) => readFileSync(join(target, 'version-2', name), 'utf8')),
    ['1', '1'],
  );
  for (const { directory } of servers) {
    rmSync(join(directory, 'version-2'), { recursive: true });
    cpSync(join(target, 'version-2'), join(directory, 'version-2'), { recursive: true });
  }
  await startAll(servers);
  const stats = [];
  for (const path of ['/one', '/one/two', '/three']) stats.push(await statOf(servers[1]!, path));
  assert.deepEqual(
    stats.map(({ text }) => text),
    ['/one', '/one/two', '/three'],
  );
  const zxids = stats.map(({ czxid }) => Number(czxid));
  assert.deepEqual(
    zxids,
    zxids.toSorted((one, other) => one - other),
    'the order of the zxids is kept',
  );
  assert.deepEqual(zxids.map(zxidEpoch), [1, 1, 1]);
  assert.equal(stats[0].pzxid, stats[1].czxid, 'equal zxids stay equal');
  const client = await servers[2]!.connect();
  assert.equal((await client.call('create', createRequest('/four'))).err, 0);
  client.destroy();
  const { czxid } = await statOf(servers[0]!, '/four');
  assert(Number(czxid) > Math.max(...zxids) && zxidEpoch(Number(czxid)) > 1);
  for (const { logged } of servers) assert.doesNotMatch(logged.join('\n'), /differs/);
});

test('new-epochs refuses a running server, and a directory that is in use', async (context) => {
  const servers = await history(context);
  const target = temporaryDirectory(context);
  writeFileSync(join(target, 'x'), '');
  assert.equal((await newEpochs(servers[0]!, '--to', target)).code, 0);
  const again = await newEpochs(servers[0]!, '--to', target);
  assert.equal(again.code, 3);
  assert.match(again.said, /version-2 is not empty\. Choose a new directory/);
  await servers[0]!.start();
  const files = readdirSync(join(servers[0]!.directory, 'version-2'));
  const running = await newEpochs(servers[0]!, '--to', `${target}-2`);
  assert.equal(running.code, 3);
  assert.match(running.said, /is in use by another running server/);
  assert.deepEqual(readdirSync(join(servers[0]!.directory, 'version-2')), files);
});

test('new-epochs needs the configuration of a member with data', async (context) => {
  const [server] = createServers(context, await createMembers(1));
  const nothing = await newEpochs(server!);
  assert.equal(nothing.code, 3);
  assert.match(nothing.said, /version-2 does not exist/);
  const context2 = { environment: {}, stdout() {}, stderr() {} };
  assert.equal(await runCommandLine(['new-epochs'], context2), 2);
});
