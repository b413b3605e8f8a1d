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
 * Answers a request from the tree: reads the request, writes the response record to `out` and returns the result code.
 * On a code other than OK the caller discards the output. Throws `ProtocolError` for malformed requests.
 */
export type ReadOp = (state: ReadState, client: Client, reader: Reader, out: Writer) => number;

/**
 * A read with a possibly long answer, in steps. Each step yields its cost. The tree may change between steps. The
 * request bytes and `out` belong to the operation until it returns.
 */
export type SteppedReadOp = (
  state: ReadState,
  client: Client,
  reader: Reader,
  out: Writer,
) => Generator<number, number, undefined>;

/** The operations that change at most the client's watches, by op code. */
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
