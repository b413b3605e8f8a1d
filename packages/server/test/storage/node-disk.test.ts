import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DiskError } from '../../src/ports/disk.js';
import { nodeDisk } from '../../src/ports/node/node-disk.js';
import { readSmallFile, writeFileAtomically } from '../../src/storage/index.js';

const directory = mkdtempSync(join(tmpdir(), 'nodekeeper-disk-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const done = <Error>() => {
  let settle: (error: Error | undefined) => void = () => {};
  const promise = new Promise<Error | undefined>((resolve) => {
    settle = resolve;
  });
  return { promise, callback: (error: Error | undefined) => settle(error) };
};

test('writes, synced or not, are read back from their positions', async () => {
  const file = nodeDisk.open(join(directory, 'a'), 'create');
  file.write(Buffer.from('..hello'), 2, 7, 0);
  const first = done<DiskError>();
  file.writeAndSync(Buffer.from('world'), 0, 5, 6, first.callback);
  assert.equal(await first.promise, undefined);
  const second = done<DiskError>();
  file.writeAsync(Buffer.from('!'), 0, 1, 11, second.callback);
  assert.equal(await second.promise, undefined);
  const third = done<DiskError>();
  file.syncAsync(third.callback);
  assert.equal(await third.promise, undefined);
  const bytes = Buffer.alloc(20);
  assert.equal(file.read(bytes, 0, 20, 0), 12);
  assert.equal(bytes.toString('latin1', 0, 12), 'hello\0world!');
  file.truncate(5);
  assert.equal(file.size(), 5);
  file.close();
});

test('errors have code, operation and path, both thrown and passed to a callback', async () => {
  const missing = join(directory, 'no', 'file');
  assert.throws(
    () => nodeDisk.open(missing, 'read'),
    (error: DiskError) => {
      assert.ok(error instanceof DiskError);
      assert.equal(error.code, 'ENOENT');
      assert.match(error.message, /^open .*file failed: ENOENT, there is no such file/);
      return true;
    },
  );
  const failed = done<DiskError>();
  nodeDisk.removeAsync(missing, failed.callback);
  assert.equal((await failed.promise)?.code, 'ENOENT');
});

test('a write to a full device fails with ENOSPC (/dev/full)', { skip: !existsSync('/dev/full') }, async () => {
  const file = nodeDisk.open('/dev/full', 'create');
  const failed = done<DiskError>();
  file.writeAndSync(Buffer.from('x'), 0, 1, 0, failed.callback);
  const error = await failed.promise;
  assert.equal(error?.code, 'ENOSPC');
  assert.match(error?.message ?? '', /no space is left/);
  file.close();
});

test('a small file is replaced as a whole, and leaves no other file', () => {
  writeFileAtomically(nodeDisk, directory, 'currentEpoch', '1');
  writeFileAtomically(nodeDisk, directory, 'currentEpoch', '2');
  assert.equal(readSmallFile(nodeDisk, join(directory, 'currentEpoch')), '2');
  assert.equal(readSmallFile(nodeDisk, join(directory, 'nothing')), undefined);
  assert.deepEqual(
    nodeDisk.list(directory).filter((name) => name.includes('tmp')),
    [],
  );
});

const diskModule = new URL('../../src/ports/node/node-disk.js', import.meta.url).href;

/** Starts a process that tries to take the lock, prints the outcome, and stays alive. */
function lockingProcess(path: string): ChildProcess {
  const script = `const { nodeDisk } = await import(${JSON.stringify(diskModule)});
    console.log(nodeDisk.lock(${JSON.stringify(path)}) === undefined ? 'refused' : 'locked');
    setInterval(() => {}, 1000);`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function answerOf(child: ChildProcess): Promise<string> {
  const [chunk] = await once(child.stdout!, 'data');
  return String(chunk).trim();
}

test('a lock excludes other processes while its holder lives, and kill -9 always frees it', async () => {
  const path = join(directory, 'lock');
  const holder = lockingProcess(path);
  assert.equal(await answerOf(holder), 'locked');
  assert.equal(nodeDisk.lock(path), undefined);
  assert.match(readFileSync(path, 'utf8'), new RegExp(`^${holder.pid} `));

  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const lock = nodeDisk.lock(path);
  assert.ok(lock);
  assert.equal(nodeDisk.lock(path), undefined, 'the same process cannot get it twice');
  lock.release();
  assert.equal(existsSync(path), false);
});

test('a lock whose pid now belongs to another process is free', () => {
  const path = join(directory, 'reused');
  writeFileSync(path, `${process.pid} another-boot/12345\n`);
  const lock = nodeDisk.lock(path);
  assert.ok(lock);
  lock.release();
});

test('a malformed lock file is free', () => {
  const path = join(directory, 'nonsense');
  writeFileSync(path, 'hello');
  nodeDisk.lock(path)!.release();
});

test('exactly one of several processes gets a stale lock', async () => {
  const path = join(directory, 'contended');
  writeFileSync(path, '999999999 gone\n');
  const children = Array.from({ length: 4 }, () => lockingProcess(path));
  try {
    const answers = await Promise.all(children.map(answerOf));
    assert.equal(answers.filter((answer) => answer === 'locked').length, 1, answers.join());
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
});
