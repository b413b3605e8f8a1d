import { OpCode, type Reader, type Writer } from '@nodekeeper/protocol';
import { readExists } from './exists.js';
import { readAcl } from './get-acl.js';
import { readChildren, readChildren2, readDescendantCount } from './get-children.js';
import { readData } from './get-data.js';
import { readEphemerals } from './get-ephemerals.js';
import { readMultiRead } from './multi-read.js';
import type { Client, ReadState } from './read-state.js';
import { readSync } from './sync.js';
import { addWatch, checkWatches, removeWatches, setWatches, setWatches2 } from './watches.js';
import { readWhoAmI } from './who-am-i.js';

/**
 * Answers a request from the tree. Reads the request, writes the response record to `out` and returns the result code.
 * If the code is not OK, the caller discards the output. Throws `ProtocolError` if the request is malformed.
 */
export type ReadOp = (state: ReadState, client: Client, reader: Reader, out: Writer) => number;

/**
 * A read whose answer may be long, divided into steps. Each step yields its cost, and the tree may change between two
 * steps. The caller must not reuse the request bytes or `out` before the operation returns.
 */
export type SteppedReadOp = (
  state: ReadState,
  client: Client,
  reader: Reader,
  out: Writer,
) => Generator<number, number, undefined>;

/** The operations that do not change the tree, by op code. Some of them change the client's watches. */
export const readOps: ReadonlyMap<number, ReadOp> = new Map<number, ReadOp>([
  [OpCode.exists, readExists],
  [OpCode.getData, readData],
  [OpCode.getACL, readAcl],
  [OpCode.getChildren, readChildren],
  [OpCode.getChildren2, readChildren2],
  [OpCode.getAllChildrenNumber, readDescendantCount],
  [OpCode.whoAmI, readWhoAmI],
  [OpCode.sync, readSync],
  [OpCode.addWatch, addWatch],
  [OpCode.checkWatches, checkWatches],
  [OpCode.removeWatches, removeWatches],
]);

export const steppedReadOps: ReadonlyMap<number, SteppedReadOp> = new Map<number, SteppedReadOp>([
  [OpCode.getEphemerals, readEphemerals],
  [OpCode.multiRead, readMultiRead],
  [OpCode.setWatches, setWatches],
  [OpCode.setWatches2, setWatches2],
]);
