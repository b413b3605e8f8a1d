import { ErrorCode, type Stat, zxidHex } from '@nodekeeper/protocol';
import type { Reply } from '@nodekeeper/server/testing';
import type { Ask } from '../clients/requests.js';
import type { World } from '../world/world.js';
import type { Ledger } from './ledger.js';
import type { ModelNode } from './model.js';

/** A request that has no reply yet. */
export interface Pending extends Ask {
  readonly xid: number;
  readonly sessionId: bigint;
  /** When this request was made, clients had replies to writes up to this zxid. A write must get a later zxid. */
  readonly ackedBefore: number;
  /**
   * When the client made its last sync before this request, clients had replies to writes up to this zxid. A read must
   * see at least this zxid.
   */
  readonly syncedTo: number;
}

const writes = new Set(['create', 'create2', 'setData', 'delete', 'multi']);
const reads = new Set(['getData', 'exists', 'getChildren2']);
/**
 * The error codes for a session that is over or belongs to another server. They say nothing about the request itself.
 */
const sessionCodes = new Set<number>([ErrorCode.SESSIONEXPIRED, ErrorCode.SESSIONMOVED]);

/** True if this reply proves that the request has a committed transaction. A refused write has one, too. */
export function isCommitted(op: string, err: number): boolean {
  return writes.has(op) && !sessionCodes.has(err);
}

/** Compares each reply that a client receives with the committed transactions. */
export class ReplyChecks {
  writesAcked = 0;
  readsChecked = 0;
  readonly #world: World;
  readonly #ledger: Ledger;

  constructor(world: World, ledger: Ledger) {
    this.#world = world;
    this.#ledger = ledger;
  }

  /** Called when a server grants this session to the client. `sawZxid` is the last zxid that the client has seen. */
  sessionGiven(client: string, sessionId: bigint, sawZxid: number): void {
    const { model } = this.#ledger;
    const what = () => `${client} is given session ${sessionId.toString(16)},`;
    const closedZxid = model.closedAt.get(sessionId);
    this.#demand(closedZxid === undefined || closedZxid > sawZxid, 'SessionUniqueness', () => {
      return `${what()} after it has seen ${zxidHex(sawZxid)}, where the session was over`;
    });
    this.#demand(model.sessionsEver.has(sessionId), 'SessionUniqueness', () => `${what()} which was never opened`);
  }

  check(client: string, pending: Pending, reply: Reply): void {
    if (sessionCodes.has(reply.err)) return;
    if (isCommitted(pending.op, reply.err)) this.#checkWrite(client, pending, reply);
    else if (reads.has(pending.op)) this.#checkRead(client, pending, reply);
  }

  // ---- writes

  #checkWrite(client: string, pending: Pending, reply: Reply): void {
    const ledger = this.#ledger;
    const { sessionId, xid, op } = pending;
    const { zxid, err } = reply;
    const what = () => `${client}'s ${op} ${pending.path}, answered ${err} at ${zxidHex(zxid)},`;
    const header = ledger.headers.get(zxid);
    this.#demand(header?.sessionId === sessionId && header.cxid === xid, 'AcknowledgedSurvives', () => {
      return `${what()} is not what is committed there`;
    });
    this.#demand(zxid > pending.ackedBefore, 'WriteLinearizability', () => {
      return `${what()} was requested after ${zxidHex(pending.ackedBefore)} had been acknowledged`;
    });
    const isError = header!.type === -1;
    this.#demand(isError === (err !== ErrorCode.OK), 'AcknowledgedSurvives', () => {
      return `${what()} has another outcome in the log`;
    });
    ledger.ackedZxid = Math.max(ledger.ackedZxid, zxid);
    this.writesAcked++;
    this.#checkOutcome(pending, reply, what);
  }

  /**
   * A write must succeed, or must fail for the right reason. The tree just before the write tells which outcome is
   * right.
   */
  #checkOutcome({ op, path, isSequential }: Pending, { zxid, err, body }: Reply, what: () => string): void {
    const { model } = this.#ledger;
    const isCreate = op === 'create' || op === 'create2';
    const before = model.at(path, zxid - 1);
    const demand = (isSo: boolean, why: string) => this.#demand(isSo, 'WriteLinearizability', () => `${what()} ${why}`);
    if (isCreate && isSequential && err === ErrorCode.OK) this.#ledger.sequenceGiven(body.path, zxid);
    if (isCreate && !isSequential) {
      if (err === ErrorCode.OK) demand(before === undefined, 'but the node existed');
      if (err === ErrorCode.NODEEXISTS) demand(before !== undefined, 'but the node did not exist');
    } else if (op === 'setData' || op === 'delete') {
      if (err === ErrorCode.OK) demand(before !== undefined, 'but the node did not exist');
      if (err === ErrorCode.NONODE) demand(before === undefined, 'but the node existed');
      if (err === ErrorCode.NOTEMPTY) demand((before?.children.size ?? 0) > 0, 'but it had no children');
    }
    if (err !== ErrorCode.OK) return;
    if (op === 'setData') this.#checkStat(body.stat, model.at(path, zxid)!, what);
    if (op === 'create2') this.#checkStat(body.stat, model.at(body.path, zxid)!, what);
  }

  // ---- reads

  #checkRead(client: string, pending: Pending, reply: Reply): void {
    const { op, path } = pending;
    const { zxid, err, body } = reply;
    const what = () => `${client}'s ${op} ${path}, answered ${err} at ${zxidHex(zxid)},`;
    this.#demand(zxid >= pending.syncedTo, 'SyncThenRead', () => {
      return `${what()} came after a sync, but ${zxidHex(pending.syncedTo)} had been acknowledged before that`;
    });
    const node = this.#ledger.model.at(path, zxid);
    this.#demand((err === ErrorCode.OK) === (node !== undefined), 'ReadConsistency', () => {
      return `${what()} but the node ${node === undefined ? 'did not exist' : 'existed'} there`;
    });
    this.readsChecked++;
    if (node === undefined) return;
    this.#checkStat(body.stat, node, what);
    if (op === 'getData') {
      this.#demand((body.data?.toString() ?? '') === node.data, 'ReadConsistency', () => {
        return `${what()} gave ${body.data} but ${node.data} is committed`;
      });
    } else if (op === 'getChildren2') {
      const given = [...body.children].sort().join();
      const expected = [...node.children].sort().join();
      this.#demand(given === expected, 'ReadConsistency', () => `${what()} gave ${given} but there are ${expected}`);
    }
  }

  #checkStat(stat: Stat, node: ModelNode, what: () => string): void {
    const given = [stat.czxid, stat.mzxid, stat.pzxid, stat.version, stat.cversion, stat.ephemeralOwner];
    const expected = [node.czxid, node.mzxid, node.pzxid, node.version, node.cversion, node.owner];
    given.push(stat.dataLength, stat.numChildren, stat.ctime, stat.mtime);
    expected.push(Buffer.byteLength(node.data), node.children.size, node.ctimeMs, node.mtimeMs);
    this.#demand(given.join() === expected.join(), 'ReadConsistency', () => {
      return `${what()} has the stat ${given.join()} but ${expected.join()} is committed`;
    });
  }

  #demand(isSo: boolean, check: string, message: () => string): void {
    this.#world.demand(isSo, check, message);
  }
}
