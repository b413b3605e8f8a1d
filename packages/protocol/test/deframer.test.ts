import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Deframer, ProtocolError } from '../src/index.js';

const frameSizeMax = 1000;
const frameOf = (payload: Uint8Array) => {
  const frame = Buffer.alloc(4 + payload.length);
  frame.writeInt32BE(payload.length);
  frame.set(payload, 4);
  return frame;
};

/** Feeds the chunks to the deframer. Copies each frame, because the bytes are valid only during the call. */
function deframe(chunks: readonly Buffer[], deframer = new Deframer(frameSizeMax)): string[] {
  const frames: string[] = [];
  for (const chunk of chunks) {
    const rest = deframer.push(chunk, (bytes, start, end) => {
      frames.push(bytes.toString('hex', start, end));
      return true;
    });
    assert.equal(rest, undefined);
  }
  return frames;
}

const payloads = fc.array(fc.oneof(fc.constant(new Uint8Array(0)), fc.uint8Array({ maxLength: 30 })), { maxLength: 8 });
const hexes = (parts: readonly Uint8Array[]) => parts.map((part) => Buffer.from(part).toString('hex'));

function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...[...cuts].map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

test('frames come out complete and in order, wherever the stream is cut', () => {
  fc.assert(
    fc.property(payloads, fc.array(fc.nat(400), { maxLength: 12 }), (parts, cuts) => {
      const stream = Buffer.concat(parts.map(frameOf));
      assert.deepEqual(deframe(split(stream, cuts)), hexes(parts));
    }),
    { numRuns: 500 },
  );
});

test('a stream gives the same frames cut at any byte, in one piece, and in single bytes', () => {
  const parts = [Buffer.from('first'), Buffer.alloc(0), Buffer.alloc(300, 7), Buffer.from([1]), Buffer.alloc(0)];
  const stream = Buffer.concat(parts.map(frameOf));
  for (let cut = 0; cut <= stream.length; cut++) {
    assert.deepEqual(deframe([stream.subarray(0, cut), stream.subarray(cut)]), hexes(parts), `cut at ${cut}`);
  }
  assert.deepEqual(deframe([stream]), hexes(parts));
  assert.deepEqual(deframe([...stream].map((byte) => Buffer.from([byte]))), hexes(parts));
});

test('a frame that one chunk contains is passed on without a copy', () => {
  const chunk = Buffer.concat([frameOf(Buffer.from('a')), frameOf(Buffer.from('b'))]);
  new Deframer(frameSizeMax).push(chunk, (bytes) => {
    assert.equal(bytes, chunk);
    return true;
  });
});

test('a zero-length frame is a frame', () => {
  assert.deepEqual(deframe([Buffer.alloc(4)]), ['']);
  assert.deepEqual(deframe([Buffer.alloc(12)]), ['', '', '']);
  assert.deepEqual(deframe([Buffer.alloc(2), Buffer.alloc(2)]), ['']);
});

test('1.1.2: the largest allowed frame passes; one byte more, or a negative length, throws ProtocolError', () => {
  assert.deepEqual(deframe([frameOf(Buffer.alloc(frameSizeMax))]), ['00'.repeat(frameSizeMax)]);
  for (const length of [frameSizeMax + 1, -1, 0x7fffffff, -0x80000000]) {
    const head = Buffer.alloc(4);
    head.writeInt32BE(length);
    const message = `frame length ${length} is outside 0..1000 (jute.maxbuffer)`;
    const refused = { name: 'ProtocolError', message };
    assert.throws(() => deframe([head]), refused);
    assert.throws(() => deframe([head.subarray(0, 3), head.subarray(3)]), refused);
  }
});

test('an invalid length is rejected when it arrives, after the frames before it were passed on', () => {
  const deframer = new Deframer(frameSizeMax);
  const frames: string[] = [];
  const chunk = Buffer.concat([frameOf(Buffer.from('ok')), Buffer.from('7fffffff', 'hex')]);
  const push = () =>
    deframer.push(chunk, (bytes, start, end) => {
      frames.push(bytes.toString('latin1', start, end));
      return true;
    });
  assert.throws(push, ProtocolError);
  assert.deepEqual(frames, ['ok']);
});

test('a length that arrives in pieces and is rejected stays rejected', () => {
  const deframer = new Deframer(frameSizeMax);
  deframe([Buffer.from('7fffff', 'hex')], deframer);
  assert.throws(() => deframe([Buffer.from('ff', 'hex')], deframer), ProtocolError);
  assert.throws(() => deframe([frameOf(Buffer.from('ok'))], deframer), ProtocolError);
});

test('if onFrame returns false, the deframer returns the rest, which gives the next frame when it is fed again', () => {
  fc.assert(
    fc.property(payloads, fc.array(fc.nat(200), { maxLength: 5 }), fc.func(fc.boolean()), (parts, cuts, goesOn) => {
      const deframer = new Deframer(frameSizeMax);
      const frames: string[] = [];
      for (const chunk of split(Buffer.concat(parts.map(frameOf)), cuts)) {
        let left: Buffer | undefined = chunk;
        while (left !== undefined) {
          let stopped = false;
          left = deframer.push(left, (bytes, start, end) => {
            assert.equal(stopped, false, 'called again after it returned false');
            frames.push(bytes.toString('hex', start, end));
            stopped = !goesOn(frames.length);
            return !stopped;
          });
          assert.ok(left === undefined || (stopped && left.length > 0));
        }
      }
      assert.deepEqual(frames, hexes(parts));
      assert.equal(deframer.pendingBytes, 0);
    }),
    { numRuns: 500 },
  );
});

test('the next frame is right even if onFrame changes the bytes of its frame', () => {
  const lengths: number[] = [];
  const chunk = Buffer.concat([frameOf(Buffer.alloc(8, 0xff)), frameOf(Buffer.alloc(3, 0xff))]);
  new Deframer(frameSizeMax).push(chunk, (bytes, start, end) => {
    bytes.fill(0x7f, start, end);
    lengths.push(end - start);
    return true;
  });
  assert.deepEqual(lengths, [8, 3]);
});

test('pendingBytes counts the received bytes of an unfinished frame, including its length', () => {
  const deframer = new Deframer(frameSizeMax);
  const frame = frameOf(Buffer.from('abcdef'));
  for (let count = 0; count < frame.length; count++) {
    assert.equal(deframer.pendingBytes, count);
    deframe([frame.subarray(count, count + 1)], deframer);
  }
  assert.equal(deframer.pendingBytes, 0);
});

test('garbage gives frames within the limit or a ProtocolError', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), (chunks) => {
      const deframer = new Deframer(64);
      try {
        deframe(
          chunks.map((chunk) => Buffer.from(chunk)),
          deframer,
        );
      } catch (error) {
        assert.ok(error instanceof ProtocolError);
      }
      assert.ok(deframer.pendingBytes <= 68);
    }),
  );
});
