import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryDisk } from '../../src/in-memory/memory-disk.js';
import type { Disk } from '../../src/ports/disk.js';
import { below, forSeeds, pick } from '../../src/testing/random.js';
import { SimulatedDisk } from '../../src/testing/simulated-disk.js';

const paths = ['/d/a', '/d/b', '/d/sub/c'];
const steps = 200;

/** Returns what a server can read from a disk. */
function contentOf(disk: Disk): unknown {
  return ['/d', '/d/sub'].map((directory) =>
    disk
      .list(directory)
      .sort()
      .map((name) => {
        const file = disk.open(`${directory}/${name}`, 'read');
        const bytes = Buffer.alloc(file.size());
        file.read(bytes, 0, bytes.length, 0);
        file.close();
        return [name, bytes.toString('hex')];
      }),
  );
}

/** Does one random operation. Returns the error code of an operation that the disk refuses. */
function operate(disk: Disk, random: () => number): string | undefined {
  const [path, other] = [pick(random, paths), pick(random, paths)];
  const [kind, size, position, fill] = [below(random, 6), below(random, 50), below(random, 100), below(random, 256)];
  try {
    if (kind === 0) disk.remove(path);
    else if (kind === 1 && path !== other) disk.rename(path, other);
    else {
      const file = disk.open(path, kind === 2 ? 'create' : 'write');
      if (kind === 3) file.truncate(position);
      else file.write(Buffer.alloc(size, fill), 0, size, position);
      file.close();
    }
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

test('files in memory have the content that they have on the simulated disk', () => {
  forSeeds(20, (random) => {
    const [memory, simulated] = [new MemoryDisk((work) => work()), new SimulatedDisk()];
    for (let step = 0; step < steps; step++) {
      const draws = Array.from({ length: 6 }, random);
      const outcomes = [memory, simulated].map((disk) => {
        let index = 0;
        return operate(disk, () => draws[index++]!);
      });
      assert.equal(outcomes[0], outcomes[1]);
      assert.deepEqual(contentOf(memory), contentOf(simulated));
    }
  });
});

test('a lock in memory is free only after its release', () => {
  const disk = new MemoryDisk((work) => work());
  const lock = disk.lock('/d/lock');
  assert.notEqual(lock, undefined);
  assert.equal(disk.lock('/d/lock'), undefined);
  lock!.release();
  assert.notEqual(disk.lock('/d/lock'), undefined);
});
