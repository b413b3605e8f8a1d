import { OpCode } from '@nodekeeper/protocol';
import { clientText } from '../log/log-text.js';
import { ownerKind, ttlOfOwner } from '../tree/ephemeral-owner.js';
import { Field, type NodeId, noNode, StatOffset } from '../tree/node-table.js';
import type { RoleParts } from './role-parts.js';
import type { WritePath } from './write-path.js';

/** Removes empty containers and expired TTL nodes (spec 1.10.13), at a limited rate. */
export class Reaper {
  readonly #parts: RoleParts;
  readonly #writePath: WritePath;
  #searchedMs: number;
  #candidates: string[] = [];
  #nextRemovalMs = 0;
  /**
   * Nodes whose deletion is proposed, and the zxid of the proposal. A node remains in the tree until its deletion is
   * applied.
   */
  readonly #proposedDeletions = new Map<string, number>();

  constructor(parts: RoleParts, writePath: WritePath) {
    this.#parts = parts;
    this.#writePath = writePath;
    this.#searchedMs = parts.events.nowMs;
  }

  /** Starts a timer for the reaper if `containerCheckIntervalMs` is shorter than the interval of the server's ticks. */
  start(tickIntervalMs: number): void {
    const { scheduler, events, config } = this.#parts;
    const { containerCheckIntervalMs } = config;
    if (containerCheckIntervalMs >= tickIntervalMs) return;
    this.stop = scheduler.every(Math.max(1, containerCheckIntervalMs), () => {
      events.begin();
      this.tick();
      events.end();
    });
  }

  stop: () => void = () => {};

  tick(): void {
    const { events, config, database } = this.#parts;
    const { nowMs } = events;
    if (nowMs - this.#searchedMs >= config.containerCheckIntervalMs && this.#candidates.length === 0) {
      this.#searchedMs = nowMs;
      for (const [path, zxid] of this.#proposedDeletions)
        if (zxid <= database.tree.lastZxid) this.#proposedDeletions.delete(path);
      this.#candidates = [...this.#findCandidates()];
    }
    const spacingMs = 60_000 / config.containerMaxPerMinute;
    this.#nextRemovalMs = Math.max(this.#nextRemovalMs, nowMs - 1000);
    while (this.#candidates.length > 0 && this.#nextRemovalMs <= nowMs) {
      this.#nextRemovalMs += spacingMs;
      this.#remove(this.#candidates.pop()!);
    }
  }

  /** Proposes the deletion of a node. The write is rejected if the node has got a child since it became a candidate. */
  #remove(path: string): void {
    this.#parts.logger.info(`Attempting to delete candidate container: ${clientText(path)}`);
    const request = { path: Buffer.from(path) };
    const { zxid } = this.#writePath.propose(OpCode.deleteContainer, request, 0n, this.#parts.events);
    this.#proposedDeletions.set(path, zxid);
  }

  *#findCandidates(): Iterable<string> {
    const { tree } = this.#parts.database;
    for (const path of tree.owned.containers) {
      if (!this.#proposedDeletions.has(path) && this.#isEmptied(tree.findPath(path))) yield path;
    }
    for (const path of tree.owned.ttls) {
      if (!this.#proposedDeletions.has(path) && this.#isOverdue(tree.findPath(path))) yield path;
    }
  }

  /**
   * True if the container is empty and may be deleted. A container that never had a child must also be older than
   * `containerMaxNeverUsedIntervalMs`. If that option is 0, such a container is never deleted.
   */
  #isEmptied(node: NodeId): boolean {
    const { database, config, events } = this.#parts;
    const { tree } = database;
    if (node === noNode || tree.nodes.get(node, Field.childCount) > 0) return false;
    if (tree.nodes.int(node, StatOffset.cversion) > 0) return true;
    const ageMs = events.wallMs - tree.nodes.long(node, StatOffset.mtime);
    return config.containerMaxNeverUsedIntervalMs > 0 && ageMs > config.containerMaxNeverUsedIntervalMs;
  }

  #isOverdue(node: NodeId): boolean {
    const { database, events } = this.#parts;
    const { tree } = database;
    if (node === noNode || tree.nodes.get(node, Field.childCount) > 0) return false;
    const owner = tree.ownerOf(node);
    if (ownerKind(owner, tree.options) !== 'ttl') return false;
    return events.wallMs - tree.nodes.long(node, StatOffset.mtime) > ttlOfOwner(owner, tree.options);
  }
}
