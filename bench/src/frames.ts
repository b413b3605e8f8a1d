/**
 * Builds request frames byte by byte, without the server's codecs. The benchmark therefore reveals a
 * mistake in the codecs instead of making the same mistake. A frame is built once. Later only its xid (and the digits
 * of a node's name) are changed.
 */
export const Op = { create: 1, exists: 3, getData: 4, setData: 5, ping: 11, closeSession: -11 } as const;

/** The offset of the xid in every request frame. Only the length of the frame precedes the xid. */
export const XID_OFFSET = 4;
const NAME_DIGITS = 10;
const PASSWORD_BYTES = 16;

/** A ConnectRequest for a new session with this timeout in milliseconds. */
export function connectFrame(timeoutMs: number): Buffer {
  const frame = Buffer.alloc(4 + 45);
  frame.writeInt32BE(45, 0);
  frame.writeInt32BE(timeoutMs, 16);
  frame.writeInt32BE(PASSWORD_BYTES, 28);
  return frame;
}

export function getFrame(path: string, watch = false): Buffer {
  return frameOf(Op.getData, ustring(path), Buffer.from([watch ? 1 : 0]));
}

/** A setData request that accepts any version of the node. */
export function setFrame(path: string, data: Uint8Array): Buffer {
  return frameOf(Op.setData, ustring(path), buffer(data), int(-1));
}

/** A create request for a persistent node that is open to all (world:anyone, all five permissions). */
export function createFrame(path: string, data: Uint8Array): Buffer {
  const openAcl = Buffer.concat([int(1), int(31), ustring('world'), ustring('anyone')]);
  return frameOf(Op.create, ustring(path), buffer(data), openAcl, int(0));
}

export function pingFrame(): Buffer {
  return frameOf(Op.ping);
}

export function closeFrame(): Buffer {
  return frameOf(Op.closeSession);
}

export function patchXid(frames: Buffer, at: number, xid: number): void {
  frames[at] = xid >>> 24;
  frames[at + 1] = xid >>> 16;
  frames[at + 2] = xid >>> 8;
  frames[at + 3] = xid;
}

/** The offset of a path's last `NAME_DIGITS` characters in a frame that begins with a path (get, set, create). */
export function nameDigitsOffset(path: string): number {
  return 4 + 8 + 4 + Buffer.byteLength(path) - NAME_DIGITS;
}

/** Writes `value` as `NAME_DIGITS` decimal digits with leading zeros. */
export function patchDigits(frames: Buffer, at: number, value: number): void {
  let rest = value;
  for (let index = at + NAME_DIGITS - 1; index >= at; index--) {
    const tens = Math.floor(rest / 10);
    frames[index] = 48 + (rest - tens * 10);
    rest = tens;
  }
}

/**
 * A ring of consecutive frames in one buffer. The first `window` frames are repeated at the end, so that any `window`
 * consecutive frames are contiguous and can be sent with one write.
 */
export interface FrameRing {
  bytes: Buffer;
  /** The offset of each frame, followed by the offset of the end. Frame i ends at `starts[i + 1]`. */
  starts: Int32Array;
  /** The number of frames in the ring, without the repeated ones. */
  size: number;
}

export function frameRing(frames: readonly Buffer[], window: number): FrameRing {
  if (window > frames.length)
    throw new RangeError(`A ring of ${frames.length} frames is smaller than the window ${window}.`);
  const laidOut = [...frames, ...frames.slice(0, window)];
  const starts = new Int32Array(laidOut.length + 1);
  laidOut.forEach((frame, index) => {
    starts[index + 1] = starts[index]! + frame.length;
  });
  return { bytes: Buffer.concat(laidOut), starts, size: frames.length };
}

function frameOf(type: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat([int(0), int(type), ...parts]);
  return Buffer.concat([int(body.length), body]);
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function ustring(text: string): Buffer {
  return buffer(Buffer.from(text));
}

function buffer(data: Uint8Array): Buffer {
  return Buffer.concat([int(data.length), data]);
}
