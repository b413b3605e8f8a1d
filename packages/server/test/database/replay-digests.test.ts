import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SimulatedDisk } from '../../src/testing/simulated-disk.js';
import { TestServer } from '../support/test-server.js';

const directory = '/data/version-2';
/** The folder with files that Apache ZooKeeper 3.9.5 wrote. */
const golden = fileURLToPath(new URL('../../../../protocol/testdata/golden/none/', import.meta.url));

function apacheDisk(wanted: (name: string) => boolean): SimulatedDisk {
  const disk = new SimulatedDisk();
  for (const name of readdirSync(golden).filter(wanted)) {
    const file = JSON.parse(readFileSync(golden + name, 'utf8')) as { hex: string };
    disk.place(`${directory}/${name.replace(/\.json$/, '')}`, Buffer.from(file.hex, 'hex'));
  }
  return disk;
}

test('3.6.8 a start on files of ZooKeeper logs no warning, because a digest of zxid 0 is not compared', () => {
  for (const wanted of [
    (name: string) => name === 'snapshot.0.json',
    (name: string) => !name.includes('.13.'),
    () => true,
  ]) {
    const server = new TestServer({}, apacheDisk(wanted));
    assert.deepEqual(server.warnings, []);
  }
});

test('a tree that differs from its files is reported once, with file, zxid, both digests and the remedy', () => {
  const server = new TestServer();
  const client = server.connect();
  // change the digest, as if the memory were corrupted
  server.database.tree.digest.add(1);
  for (const name of ['a', 'b', 'c']) client.create(`/${name}`);
  const found = server.database.tree.digest.toBigInt();
  server.crash(() => 0.9999);
  const errors = server.warnings.filter((line) => line.includes('from disk'));
  assert.equal(errors.length, 1, server.warnings.join('\n'));
  assert.match(
    errors[0]!,
    /at zxid 0x\d+, \/data\/version-2\/log\.1 has the digest 0x[0-9a-f]+, and the tree has 0x[0-9a-f]+\..*empty its data directory/,
  );
  assert.ok(server.warnings.some((line) => /\d later digests differ too/.test(line)));
  assert.notEqual(server.database.tree.digest.toBigInt(), found);
});

test('a snapshot whose digest does not match its nodes is reported by name', () => {
  const server = new TestServer({ snapCount: 20 });
  const client = server.connect();
  server.database.tree.digest.add(1);
  for (let index = 0; index < 25; index++) client.create(`/n${index}`);
  server.server.stop(() => {});
  server.settle();
  for (const name of server.disk.list(directory).filter((name) => name.startsWith('log.'))) {
    server.disk.remove(`${directory}/${name}`);
  }
  server.disk.syncDirectory(directory);
  const next = new TestServer({}, server.disk.durableCopy());
  assert.match(next.warnings.join('\n'), /version-2\/snapshot\.[1-9a-f][0-9a-f]* has the digest 0x/);
});
