import {
  ErrorCode,
  getInt,
  getLong,
  getLongBig,
  ProtocolError,
  RingQueue,
  Writer,
  zxidHex,
} from '@nodekeeper/protocol';
import type { Connection } from '../net/connection.js';
import { digestText, digestVersion } from '../tree/tree-digest.js';
import { checkTxn } from '../tree/txn-check.js';
import { isFromElsewhere, isOutcomeOf } from './forwarded-request.js';
import type { ServerCore } from './server-core.js';

interface Appended {
  readonly zxid: number;
  readonly bytes: Buffer;
}

const timeOffset = 20;

/**
 * The way of a write at a learner: the leader's proposal into the log, its commit into the tree, and the answer to the
 * client, if it is one of this server's.
 */
export class LearnerPath {
  /** The last entry that has come from the leader. */
  receivedZxid: number;
  /** The last entry that was given to the log; -1 when there was none. */
  loggingZxid = -1;
  readonly #core: ServerCore;
  readonly #applied: (zxid: number, bytes: Buffer) => void;
  readonly #diverged: (zxid: number) => void;
  readonly #uncommitted = new RingQueue<Appended>();
  readonly #body = new Writer(1024);
  /** Proposals wait for the snapshot that they belong behind. */
  #unlogged: Appended[] | undefined;

  constructor(core: ServerCore, applied: (zxid: number, bytes: Buffer) => void, diverged: (zxid: number) => void) {
    this.#core = core;
    this.receivedZxid = core.tree.lastZxid;
    this.#applied = applied;
    this.#diverged = diverged;
  }

  /**
   * Until `logAfter` nothing is logged: what is committed meanwhile is in the snapshot that will be taken. The leader went
   * on while it wrote the one that came, so what it sends behind that may be in it already, and digests say nothing yet.
   */
  holdLog(): void {
    this.#unlogged = [];
    this.#core.digests.isFuzzy = true;
  }

  /** From here on there is a log again; what was held goes into it, as far as the snapshot does not hold it for sure. */
  logAfter(snapshotZxid: number): void {
    const held = this.#unlogged ?? [];
    this.#unlogged = undefined;
    this.#core.digests.isFuzzy = false;
    for (const entry of held) if (entry.zxid > snapshotZxid) this.#log(entry);
  }

  /** Throws `ProtocolError` for what could not be applied: none of it may get into the log. */
  append(zxid: number, bytes: Buffer): void {
    checkTxn(bytes, zxid);
    const entry = { zxid, bytes };
    this.receivedZxid = zxid;
    this.#uncommitted.push(entry);
    if (this.#unlogged === undefined) this.#log(entry);
    else this.#unlogged.push(entry);
  }

  #log({ zxid, bytes }: Appended): void {
    this.loggingZxid = zxid;
    this.#core.log.beginEntry().raw(bytes);
    this.#core.log.endEntry(zxid);
  }

  /** Commits come in the order of proposals; with anything else, a `ProtocolError`, begins another history. */
  commit(zxid: number): void {
    const oldest = this.#uncommitted.peek();
    if (oldest?.zxid !== zxid) {
      // a commit of what the synchronisation had brought already
      if (zxid <= this.#core.tree.lastZxid) return;
      const expected = oldest ? zxidHex(oldest.zxid) : 'nothing';
      throw new ProtocolError(`${zxidHex(zxid)} is committed where ${expected} is the next`);
    }
    this.#uncommitted.shift();
    this.#apply(zxid, oldest.bytes);
  }

  /** Applies whatever is in the log, committed or not, for log and tree to agree. */
  applyAll(): void {
    while (this.#uncommitted.length > 0) {
      const { zxid, bytes } = this.#uncommitted.shift();
      this.#apply(zxid, bytes);
    }
  }

  #apply(zxid: number, bytes: Buffer): void {
    const core = this.#core;
    const body = this.#body;
    const connection = this.#connectionOf(zxid, bytes);
    const oldest = connection?.forwarded.peek();
    const request = oldest !== undefined && isOutcomeOf(bytes, oldest) ? connection!.forwarded.shift() : undefined;
    if (request !== undefined) connection!.committing();
    const beganMs = core.meter.applying();
    body.reset();
    const err = core.applier.apply(bytes, 0, bytes.length, body);
    this.#checkDigest(zxid, bytes);
    core.txnApplied(zxid, bytes.length, getLong(bytes, timeOffset));
    this.#applied(zxid, bytes);
    if (request !== undefined) connection!.committed(request, err, body);
    else if (connection !== undefined && this.#hasMoved(bytes, err)) connection.close('session moved');
    core.meter.applied(beganMs, request !== undefined);
  }

  /** Servers that have applied the same txns have the same tree; one that has not must not go on as if. */
  #checkDigest(zxid: number, bytes: Buffer): void {
    const { applier, tree, config, digests, logger, metrics } = this.#core;
    const at = applier.digestStart;
    if (!config.digestEnabled || digests.isFuzzy || at === undefined || getInt(bytes, at) !== digestVersion) return;
    if (tree.digest.equals(getInt(bytes, at + 4), getInt(bytes, at + 8))) return;
    metrics.digestMismatchesCount.add(1);
    const expected = digestText(bytes.readBigInt64BE(at + 4));
    logger.error(
      `The tree is not the leader's: at zxid ${zxidHex(zxid)} its digest is ${tree.digest}, and the leader says ${expected}. ` +
        'The leader is asked for everything, once a minute at most',
    );
    this.#diverged(zxid);
  }

  /** Of the session that the txn belongs to; what had come before the connection got it was not asked on this one. */
  #connectionOf(zxid: number, bytes: Buffer): Connection | undefined {
    const connection = this.#core.connectionBySession.get(getLongBig(bytes, 0));
    return connection !== undefined && zxid > connection.attachedZxid ? connection : undefined;
  }

  /**
   * Whether the session goes on at another server. A follower has every proposal that was made before a connection got its
   * session; an observer is told late, and cannot know. What is refused came by way of a server that the session had left.
   */
  #hasMoved(bytes: Buffer, err: number): boolean {
    const { mode, ports } = this.#core;
    return mode === 'follower' && err !== ErrorCode.SESSIONMOVED && isFromElsewhere(bytes, ports.serverId!);
  }
}
