import { OpCode, opByNumber } from '@nodekeeper/protocol';
import { Cost } from '../events/turns.js';
import { type ReadOp, readOps, type SteppedReadOp, steppedReadOps } from '../ops/read-ops.js';
import { writeOps } from '../ops/write-ops.js';

/** How requests with a given op code are taken in. */
export interface OpHandling {
  readonly label: string;
  readonly read: ReadOp | undefined;
  readonly stepped: SteppedReadOp | undefined;
  readonly isWrite: boolean;
  /** The cost of taking in a request. */
  readonly cost: number;
  /** The cost of the answer to a request that had to wait for a write. */
  readonly waitingCost: number;
}

/** A single waiting request of this cost is enough to stop reading from its connection. */
const steppedWaitingCost = 256;
/** May go through much in one turn. */
const walking: ReadonlySet<number> = new Set([
  OpCode.getChildren,
  OpCode.getChildren2,
  OpCode.multi,
  OpCode.closeSession,
]);

/** Only servers ask for these. A client that does gets the answer to an unknown op code. */
const serversOwn: ReadonlySet<number> = new Set([OpCode.createSession, OpCode.deleteContainer]);

/** Op codes are -11..107; the table is looked up by the code itself. */
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
