import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeZxid } from '@nodekeeper/protocol';
import { SimulatedCrash, SimulatedDisk } from '../../src/testing/simulated-disk.js';
import { Epochs } from '../../src/zab/epochs.js';

const file = (name: string) => `/data/version-2/${name}`;

function diskWith(current: number, accepted: number): SimulatedDisk {
  const disk = new SimulatedDisk();
  disk.place(file('currentEpoch'), Buffer.from(String(current)));
  disk.place(file('acceptedEpoch'), Buffer.from(String(accepted)));
  return disk;
}

test('S-7 ZK-2354 a server starts after a crash between the log and the epoch file of a synchronisation', () => {
  const disk = diskWith(2, 5);
  const epochs = new Epochs(disk, '/data', makeZxid(3, 2));
  assert.equal(epochs.current, 3);
  assert.equal(epochs.accepted, 5);
  disk.crash(() => 0.99);
  assert.equal(new Epochs(disk, '/data', makeZxid(3, 2)).current, 3);
});

test('an epoch whose zxids would not be exact is refused', () => {
  assert.throws(
    () => new Epochs(diskWith(1, 2 ** 21), '/data', 0),
    /acceptedEpoch holds 2097152, which is more than 2097151/,
  );
});

test('a file of another kind or size under the name of an epoch file is refused', () => {
  const disk = diskWith(1, 1);
  disk.place(file('currentEpoch'), Buffer.alloc(100_000, '1'));
  assert.throws(
    () => new Epochs(disk, '/data', 0),
    /currentEpoch has 100000 bytes, but should hold a single number or name/,
  );
  disk.placeOther(file('currentEpoch'), 'FIFO');
  assert.throws(() => new Epochs(disk, '/data', 0), /currentEpoch failed: EFTYPE, it is a FIFO, not a file/);
});

test('a log with an epoch that the server never accepted is refused as foreign', () => {
  assert.throws(() => new Epochs(diskWith(2, 2), '/data', makeZxid(3, 1)), /acceptedEpoch holds 2.*epoch 3/);
  assert.throws(() => new Epochs(diskWith(4, 3), '/data', makeZxid(3, 1)), /acceptedEpoch holds 3, which is less/);
});

test('an accepted epoch survives a crash in the middle of its rename, and a disk failure after it', () => {
  for (const part of [0, 0.2, 0.4, 0.6, 0.8]) {
    const disk = diskWith(2, 3);
    const epochs = new Epochs(disk, '/data', makeZxid(2, 1));
    disk.fault = (operation) => {
      // the disk crashes before the rename is durable
      if (operation === 'rename') disk.crashAtStep = disk.steps + 1;
      return undefined;
    };
    assert.throws(() => {
      epochs.accepted = 4;
    }, SimulatedCrash);
    disk.crash(() => part);
    const again = new Epochs(disk, '/data', makeZxid(2, 1));
    const { accepted } = again;
    assert.ok(accepted >= 3, `${accepted} of a rename that was kept in part: ${part}`);
    disk.fault = (operation) => (operation === 'write' ? 'EIO' : undefined);
    assert.throws(() => {
      again.accepted = 9;
    }, /EIO/);
    disk.kill();
    assert.equal(new Epochs(disk, '/data', makeZxid(2, 1)).accepted, accepted, `kept in part: ${part}`);
  }
});
