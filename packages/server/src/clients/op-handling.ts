import { OpCode, opByNumber } from '@nodekeeper/protocol';
import { Cost } from '../events/turns.js';
import { type ReadOp, readOps, type SteppedReadOp, steppedReadOps } from '../ops/read-ops.js';
import { writeOps } from '../ops/write-ops.js';

/** How the intake handles requests with a given op code. */
export interface OpHandling {
  readonly label: string;
  readonly read: ReadOp | undefined;
  readonly stepped: SteppedReadOp | undefined;
  readonly isWrite: boolean;
  /** The cost of accepting a request. */
  readonly cost: number;
  /** The cost of the reply to a request that waited for a write. */
  readonly waitingCost: number;
}

/** A single waiting request of this cost is enough to stop reading from its connection. */
const steppedWaitingCost = 256;
/** Operations that may visit many nodes in one turn. */
const walking: ReadonlySet<number> = new Set([
  OpCode.getChildren,
  OpCode.getChildren2,
  OpCode.multi,
  OpCode.closeSession,
]);

/** Only servers use these op codes. A client that does gets the reply for an unknown op code. */
const serversOwn: ReadonlySet<number> = new Set([OpCode.createSession, OpCode.deleteContainer]);

/** Op codes are -11 to 107, and the op code is the index of the table. */
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

/** Undefined for an op code that no client may use. */
export function handlingOf(type: number): OpHandling | undefined {
  return handlings[type - lowestType];
}
