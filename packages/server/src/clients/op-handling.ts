import { OpCode, opByNumber } from '@nodekeeper/protocol';
import { Cost } from '../events/turns.js';
import { type ReadOp, readOps, type SteppedReadOp, steppedReadOps } from '../ops/read-ops.js';
import { writeOps } from '../ops/write-ops.js';

/** How the server handles requests with a given op code. */
export interface OpHandling {
  readonly label: string;
  readonly read: ReadOp | undefined;
  readonly stepped: SteppedReadOp | undefined;
  readonly isWrite: boolean;
  /** Cost of handling a request when it arrives, in units of `Cost`. */
  readonly cost: number;
  /** Cost of answering a request that had to wait for an earlier write, in units of `Cost`. */
  readonly waitingCost: number;
}

/**
 * Cost of a stepped read that waits in the lane. It equals the lane's `waitingCostMax`, so that no request is accepted
 * after a waiting stepped read.
 */
const steppedWaitingCost = 256;
/** Operations that may visit many nodes in one turn. */
const walking: ReadonlySet<number> = new Set([
  OpCode.getChildren,
  OpCode.getChildren2,
  OpCode.multi,
  OpCode.closeSession,
]);

/** Op codes that only servers use. A client that sends one gets the reply for an unknown op code. */
const serversOwn: ReadonlySet<number> = new Set([OpCode.createSession, OpCode.deleteContainer]);

/** The index in the table is the op code minus `lowestType`. ZooKeeper's op codes are -11 to 107. */
const lowestType = -16;
const handlings: (OpHandling | undefined)[] = [];
for (let type = lowestType; type < 128; type++) {
  const row = opByNumber(type);
  const isWrite = writeOps.has(type) && !serversOwn.has(type);
  const read = readOps.get(type);
  const stepped = steppedReadOps.get(type);
  const known = row !== undefined && (isWrite || read !== undefined || stepped !== undefined);
  const cost = walking.has(type) ? Cost.walking : Cost.light;
  const waitingCost = stepped === undefined ? cost : steppedWaitingCost;
  handlings.push(known ? { label: row.label, read, stepped, isWrite, cost, waitingCost } : undefined);
}

/** Returns undefined for an op code that clients must not use. */
export function handlingOf(type: number): OpHandling | undefined {
  return handlings[type - lowestType];
}
