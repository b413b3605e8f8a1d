import assert from 'node:assert/strict';
import test from 'node:test';
import {
  closeFrame,
  connectFrame,
  createFrame,
  frameRing,
  getFrame,
  nameDigitsOffset,
  patchDigits,
  patchXid,
  setFrame,
  XID_OFFSET,
} from '../src/frames.js';

const hex = (text: string) => text.replaceAll(' ', '');

test('request frames have the bytes that the protocol asks for', () => {
  assert.equal(
    connectFrame(30_000).toString('hex'),
    hex(`0000002d 00000000 0000000000000000 00007530 0000000000000000 00000010 ${'00'.repeat(16)} 00`),
  );
  assert.equal(getFrame('/a').toString('hex'), hex('0000000f 00000000 00000004 00000002 2f61 00'));
  assert.equal(getFrame('/a', true).toString('hex'), hex('0000000f 00000000 00000004 00000002 2f61 01'));
  assert.equal(
    setFrame('/a', Buffer.from('xy')).toString('hex'),
    hex('00000018 00000000 00000005 00000002 2f61 00000002 7879 ffffffff'),
  );
  assert.equal(
    createFrame('/a', Buffer.from('x')).toString('hex'),
    hex(
      '00000032 00000000 00000001 00000002 2f61 00000001 78 00000001 0000001f 00000005 776f726c64 00000006 616e796f6e65 00000000',
    ),
  );
  assert.equal(closeFrame().toString('hex'), hex('00000008 00000000 fffffff5'));
});

test('patching an xid leaves every other byte alone', () => {
  const frame = getFrame('/a');
  patchXid(frame, XID_OFFSET, 0x01020304);
  assert.equal(frame.toString('hex'), hex('0000000f 01020304 00000004 00000002 2f61 00'));
  patchXid(frame, XID_OFFSET, 7);
  assert.deepEqual(frame.readInt32BE(XID_OFFSET), 7);
});

test('patching the digits of a name gives the frame of the other name', () => {
  const path = '/bench/n0000000000';
  const data = Buffer.alloc(100, 'x');
  const frame = createFrame(path, data);
  patchDigits(frame, nameDigitsOffset(path), 1_234_567_890);
  assert.deepEqual(frame, createFrame('/bench/n1234567890', data));
  patchDigits(frame, nameDigitsOffset(path), 42);
  assert.deepEqual(frame, createFrame('/bench/n0000000042', data));
});

test('any window of a frame ring is contiguous, and the ring repeats', () => {
  const frames = ['/a', '/bb', '/ccc'].map((path) => getFrame(path));
  const ring = frameRing(frames, 2);
  for (let first = 0; first < ring.size; first++) {
    const bytes = ring.bytes.subarray(ring.starts[first], ring.starts[first + 2]);
    assert.deepEqual(bytes, Buffer.concat([frames[first]!, frames[(first + 1) % 3]!]));
  }
  assert.throws(() => frameRing(frames, 4), /smaller than the window/);
});
