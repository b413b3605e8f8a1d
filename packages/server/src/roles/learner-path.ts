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
  /** This server's tree differs from the leader's at this zxid. */
  diverged(zxid: number): void;
}

/**
 * The steps of a write on a learner. A proposal of the leader is appended to the log. When the leader commits the
 * proposal, it is applied to the tree. The client gets the reply if it is connected to this server.
 */
export class LearnerPath {
  /** The zxid of the last proposal that the leader has sent. */
  receivedZxid: number;
  /** The zxid of the last proposal that was passed to the log; -1 if there was none. */
  loggingZxid = -1;
  readonly #parts: RoleParts;
  readonly #serverId: number;
  readonly #mode: () => ServerMode;
  readonly #listener: LearnerPathListener;
  readonly #uncommitted = new RingQueue<Appended>();
  readonly #body = new Writer(1024);
  /**
   * Proposals that are logged only after the snapshot of the tree is written. Undefined if proposals are passed to the
   * log at once.
   */
  #unlogged: Appended[] | undefined;

  constructor(parts: RoleParts, serverId: number, mode: () => ServerMode, listener: LearnerPathListener) {
    this.#parts = parts;
    this.#serverId = serverId;
    this.#mode = mode;
    this.#listener = listener;
    this.receivedZxid = parts.database.tree.lastZxid;
  }

  /**
   * Holds proposals back until `logAfter`. The leader has sent the tree as a fuzzy snapshot, and this server must write
   * its own snapshot of the tree to disk before it logs a proposal. The tree may already contain the changes of some
   * held proposals, so digests are not compared until `logAfter`.
   */
  holdLog(): void {
    this.#unlogged = [];
    this.#parts.database.digests.isFuzzy = true;
  }

  /**
   * Called when the snapshot is written. The snapshot contains everything up to this zxid, so the held proposals after
   * it are logged.
   */
  logAfter(snapshotZxid: number): void {
    const held = this.#unlogged ?? [];
    this.#unlogged = undefined;
    this.#parts.database.digests.isFuzzy = false;
    for (const entry of held) if (entry.zxid > snapshotZxid) this.#log(entry);
  }

  /**
   * Appends a proposal. Throws `ProtocolError` if the bytes could not be applied, so that such bytes never get into the
   * log.
   */
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

  /**
   * Applies a committed proposal. Throws `ProtocolError` if commits arrive in a different order than the proposals.
   * Applying them in that order would give this server a different history.
   */
  commit(zxid: number): void {
    const oldest = this.#uncommitted.peek();
    if (oldest?.zxid !== zxid) {
      // the transaction was already applied during the synchronisation
      if (zxid <= this.#parts.database.tree.lastZxid) return;
      const expected = oldest ? `the next proposal is ${zxidHex(oldest.zxid)}` : 'no proposal is outstanding';
      throw new ProtocolError(`COMMIT of ${zxidHex(zxid)}, but ${expected}`);
    }
    this.#uncommitted.shift();
    this.#parts.trace?.committed(zxid);
    this.#apply(zxid, oldest.bytes);
  }

  /** Applies all logged transactions, committed or not, so that the log and the tree agree. */
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

  /**
   * Compares the digest of this server's tree with the leader's. Servers that have applied the same transactions have
   * the same tree, so a server with a different digest must stop serving.
   */
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
   * Returns the client on this server whose request may have caused the transaction. Returns undefined if the
   * transaction arrived before the client got its session on this server. In that case, the client had sent the request
   * to another server.
   */
  #clientOf(zxid: number, bytes: Buffer): RoleClient | undefined {
    const client = this.#parts.clients.ofSession(txnSessionId(bytes));
    return client !== undefined && zxid > client.attachedZxid ? client : undefined;
  }

  /**
   * True if the transaction shows that the client now uses the session on another server. A follower gives a client its
   * session only after it has received all earlier proposals. If a later request arrives through another server, the
   * client has therefore moved. An observer receives proposals late, so it cannot know. The error SESSIONMOVED shows
   * nothing, because it rejects a request through the server that the client has left.
   */
  #hasMoved(bytes: Buffer, err: number): boolean {
    if (this.#mode() !== 'follower' || err === ErrorCode.SESSIONMOVED) return false;
    return isFromElsewhere(bytes, this.#serverId);
  }
}
