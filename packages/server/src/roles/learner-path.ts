import {
  ErrorCode,
  ProtocolError,
  RingQueue,
  txnCxid,
  txnSessionId,
  txnTimeMs,
  txnType,
  Writer,
  zxidHex,
} from '@nodekeeper/protocol';
import { txnDigestMismatch } from '../tree/digest-check.js';
import { checkTxn } from '../tree/txn-check.js';
import { isFromElsewhere, isOutcomeOf } from './forwarded-request.js';
import type { ServerMode } from './role.js';
import type { RoleClient } from './role-client.js';
import type { RoleParts } from './role-parts.js';

interface Appended {
  readonly zxid: number;
  readonly bytes: Buffer;
}

export interface LearnerPathListener {
  applied(zxid: number, bytes: Buffer): void;
  /** The tree differs from the leader's at this zxid. */
  diverged(zxid: number): void;
}

/**
 * The steps of a write on a learner. The leader's proposal goes into the log, and its commit into the tree. The client
 * gets the reply if it is connected to this server.
 */
export class LearnerPath {
  /** The last proposal received from the leader. */
  receivedZxid: number;
  /** The last proposal that was passed to the log; -1 if there was none. */
  loggingZxid = -1;
  readonly #parts: RoleParts;
  readonly #serverId: number;
  readonly #mode: () => ServerMode;
  readonly #listener: LearnerPathListener;
  readonly #uncommitted = new RingQueue<Appended>();
  readonly #body = new Writer(1024);
  /** Proposals that wait until the snapshot of the tree is written; undefined if proposals go straight to the log. */
  #unlogged: Appended[] | undefined;

  constructor(parts: RoleParts, serverId: number, mode: () => ServerMode, listener: LearnerPathListener) {
    this.#parts = parts;
    this.#serverId = serverId;
    this.#mode = mode;
    this.#listener = listener;
    this.receivedZxid = parts.database.tree.lastZxid;
  }

  /**
   * Holds proposals until `logAfter`, because a snapshot of the tree must be written first. The tree is a fuzzy
   * snapshot of the leader and may contain some of these proposals already. So no digests are compared until then.
   */
  holdLog(): void {
    this.#unlogged = [];
    this.#parts.database.digests.isFuzzy = true;
  }

  /** The snapshot is written and contains everything up to this zxid. Logs the held proposals after it. */
  logAfter(snapshotZxid: number): void {
    const held = this.#unlogged ?? [];
    this.#unlogged = undefined;
    this.#parts.database.digests.isFuzzy = false;
    for (const entry of held) if (entry.zxid > snapshotZxid) this.#log(entry);
  }

  /** Throws `ProtocolError` if the bytes could not be applied: they must not get into the log. */
  append(zxid: number, bytes: Buffer): void {
    checkTxn(bytes, zxid);
    this.#parts.trace?.proposed(txnSessionId(bytes), txnCxid(bytes), zxid, txnType(bytes), ErrorCode.OK);
    const entry = { zxid, bytes };
    this.receivedZxid = zxid;
    this.#uncommitted.push(entry);
    if (this.#unlogged === undefined) this.#log(entry);
    else this.#unlogged.push(entry);
  }

  #log({ zxid, bytes }: Appended): void {
    this.loggingZxid = zxid;
    const { log } = this.#parts.database;
    log.beginEntry().raw(bytes);
    log.endEntry(zxid);
  }

  /** Throws `ProtocolError` if a commit is not in the order of the proposals: it would start another history. */
  commit(zxid: number): void {
    const oldest = this.#uncommitted.peek();
    if (oldest?.zxid !== zxid) {
      // the synchronisation has applied it already
      if (zxid <= this.#parts.database.tree.lastZxid) return;
      const expected = oldest ? `the next proposal is ${zxidHex(oldest.zxid)}` : 'no proposal is outstanding';
      throw new ProtocolError(`COMMIT of ${zxidHex(zxid)}, but ${expected}`);
    }
    this.#uncommitted.shift();
    this.#parts.trace?.committed(zxid);
    this.#apply(zxid, oldest.bytes);
  }

  /** Applies all logged transactions, committed or not, so that log and tree agree. */
  applyAll(): void {
    while (this.#uncommitted.length > 0) {
      const { zxid, bytes } = this.#uncommitted.shift();
      this.#apply(zxid, bytes);
    }
  }

  #apply(zxid: number, bytes: Buffer): void {
    const { database, clients, meter } = this.#parts;
    const body = this.#body;
    const client = this.#clientOf(zxid, bytes);
    const oldest = client?.forwarded.peek();
    const request = oldest !== undefined && isOutcomeOf(bytes, oldest) ? client!.forwarded.shift() : undefined;
    if (request !== undefined) clients.committing(client!);
    const beganMs = meter.applying();
    body.reset();
    const err = database.applier.apply(bytes, 0, bytes.length, body);
    this.#checkDigest(zxid, bytes);
    this.#parts.trace?.applied(zxid, err);
    database.applied(zxid, bytes.length, txnTimeMs(bytes));
    this.#listener.applied(zxid, bytes);
    if (request !== undefined) clients.committed(client!, request, err, body);
    else if (client !== undefined && this.#hasMoved(bytes, err)) client.close('session moved');
    meter.applied(beganMs, request !== undefined);
  }

  /** Servers that have applied the same transactions have the same tree. A server whose tree differs must stop. */
  #checkDigest(zxid: number, bytes: Buffer): void {
    const { database, config, logger, meter } = this.#parts;
    const { applier, tree, digests } = database;
    if (!config.digestEnabled || digests.isFuzzy) return;
    const mismatch = txnDigestMismatch(tree.digest, bytes, applier.digestStart);
    if (mismatch === undefined) return;
    meter.digestDiffers();
    logger.error(
      `The tree differs from the leader's: at zxid ${zxidHex(zxid)} its digest is ${mismatch.found}, and the leader's is ${mismatch.expected}. ` +
        'Asking the leader for a snapshot, at most once a minute',
    );
    this.#listener.diverged(zxid);
  }

  /**
   * The client of the transaction's session. If this server received the transaction before the client got its session
   * here, the client sent the request to another server.
   */
  #clientOf(zxid: number, bytes: Buffer): RoleClient | undefined {
    const client = this.#parts.clients.ofSession(txnSessionId(bytes));
    return client !== undefined && zxid > client.attachedZxid ? client : undefined;
  }

  /**
   * True if the client now uses the session on another server. A follower has received all proposals that were made
   * before a connection got the session. An observer receives them late, so it cannot know. SESSIONMOVED answers a
   * server that the session has left.
   */
  #hasMoved(bytes: Buffer, err: number): boolean {
    if (this.#mode() !== 'follower' || err === ErrorCode.SESSIONMOVED) return false;
    return isFromElsewhere(bytes, this.#serverId);
  }
}
