import { OpCode } from '@nodekeeper/protocol';
import { clientText } from '../log/log-text.js';
import { ownerKind, ttlOfOwner } from '../tree/ephemeral-owner.js';
import { Field, type NodeId, noNode, StatOffset } from '../tree/node-table.js';
import type { ServerCore } from './server-core.js';

/** Removes containers that have emptied and TTL nodes whose time is over (inventory 1.10.13), at a limited rate. */
export class Reaper {
  readonly #core: ServerCore;
  #lookedMs: number;
  #candidates: string[] = [];
  #nextMs = 0;
  /** Paths whose deletion is proposed, by the zxid of that: until it is applied they look as they did. */
  readonly #underWay = new Map<string, number>();

  constructor(core: ServerCore) {
    this.#core = core;
    this.#lookedMs = core.nowMs;
  }

  /** Where the configuration wants it more often than the server ticks, it looks by itself. */
  start(tickIntervalMs: number): void {
    const core = this.#core;
    const { containerCheckIntervalMs } = core.config;
    if (containerCheckIntervalMs >= tickIntervalMs) return;
    this.stop = core.ports.scheduler.every(Math.max(1, containerCheckIntervalMs), () => {
      core.eventBegins();
      if (core.decides) this.tick();
      core.eventEnds();
    });
  }

  stop: () => void = () => {};

  tick(): void {
    const { nowMs, config } = this.#core;
    if (nowMs - this.#lookedMs >= config.containerCheckIntervalMs && this.#candidates.length === 0) {
      this.#lookedMs = nowMs;
      for (const [path, zxid] of this.#underWay) if (zxid <= this.#core.tree.lastZxid) this.#underWay.delete(path);
      this.#candidates = [...this.#find()];
    }
    const spacingMs = 60_000 / config.containerMaxPerMinute;
    this.#nextMs = Math.max(this.#nextMs, nowMs - 1000);
    while (this.#candidates.length > 0 && this.#nextMs <= nowMs) {
      this.#nextMs += spacingMs;
      this.#remove(this.#candidates.pop()!);
    }
  }

  /** The txn is refused if the node has got children or data meanwhile. */
  #remove(path: string): void {
    const core = this.#core;
    core.logger.info(`Attempting to delete candidate container: ${clientText(path)}`);
    const request = { path: Buffer.from(path) };
    const { zxid } = core.writePath.propose(OpCode.deleteContainer, request, 0n, core.nowMs, core.wallMs);
    this.#underWay.set(path, zxid);
  }

  *#find(): Iterable<string> {
    const { tree } = this.#core;
    for (const path of tree.containers) {
      if (!this.#underWay.has(path) && this.#isEmptied(tree.findPath(path))) yield path;
    }
    for (const path of tree.ttls) {
      if (!this.#underWay.has(path) && this.#isOverdue(tree.findPath(path))) yield path;
    }
  }

  /** A container that never had a child is left alone unless it is told how long that may last. */
  #isEmptied(node: NodeId): boolean {
    const { tree, config, wallMs } = this.#core;
    if (node === noNode || tree.nodes.get(node, Field.childCount) > 0) return false;
    if (tree.nodes.int(node, StatOffset.cversion) > 0) return true;
    const ageMs = wallMs - tree.nodes.long(node, StatOffset.mtime);
    return config.containerMaxNeverUsedIntervalMs > 0 && ageMs > config.containerMaxNeverUsedIntervalMs;
  }

  #isOverdue(node: NodeId): boolean {
    const { tree, wallMs } = this.#core;
    if (node === noNode || tree.nodes.get(node, Field.childCount) > 0) return false;
    const owner = tree.ownerOf(node);
    if (ownerKind(owner, tree.options) !== 'ttl') return false;
    return wallMs - tree.nodes.long(node, StatOffset.mtime) > ttlOfOwner(owner, tree.options);
  }
}
