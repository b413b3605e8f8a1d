import type { DataTree } from './data-tree.js';
import { Field, noNode } from './node-table.js';
import { limitNodeName, limitPath, QuotaPaths, QuotaText, quotaRoot, statNodeName, usagePath } from './quota-text.js';

const quotaPrefix = Buffer.from(quotaRoot);

/** The quota limit that a change would exceed. A soft limit only causes a warning. */
interface QuotaBreach {
  readonly path: string;
  readonly hard: boolean;
  readonly text: string;
}

/**
 * Keeps the usage nodes of quotas up to date, and reports when a change would exceed a limit. Every server updates the
 * data of usage nodes in the same way, without transactions (spec 8.34).
 */
export class Quotas {
  readonly #tree: DataTree;
  readonly paths = new QuotaPaths();

  constructor(tree: DataTree) {
    this.#tree = tree;
  }

  get active(): boolean {
    return this.paths.size > 0;
  }

  /** True if the creation of this path may affect a quota. Otherwise the caller need not decode the path. */
  concerns(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.active) return true;
    if (end - start <= quotaPrefix.length) return false;
    for (let at = 0; at < quotaPrefix.length; at++) if (bytes[start + at] !== quotaPrefix[at]) return false;
    return true;
  }

  created(path: string, dataLength: number): void {
    if (path.startsWith(quotaRoot)) {
      const cut = path.lastIndexOf('/');
      const governed = path.slice(quotaRoot.length, cut);
      const name = path.slice(cut + 1);
      if (name === limitNodeName) this.paths.add(governed);
      if (name === statNodeName) this.recount(governed);
    }
    this.#adjust(path, 1, dataLength);
  }

  deleted(path: string, dataLength: number): void {
    if (path.startsWith(quotaRoot) && path.endsWith(`/${limitNodeName}`)) {
      this.paths.delete(path.slice(quotaRoot.length, path.lastIndexOf('/')));
    }
    this.#adjust(path, -1, -dataLength);
  }

  changed(path: string, bytesDiff: number): void {
    this.#adjust(path, 0, bytesDiff);
  }

  #adjust(path: string, countDiff: number, bytesDiff: number): void {
    const governing = this.paths.governing(path);
    if (governing === undefined) return;
    const usage = this.#textAt(usagePath(governing));
    if (usage === undefined) return;
    this.#store(usagePath(governing), usage.with(usage.count + countDiff, usage.bytes + bytesDiff));
  }

  /**
   * Counts the nodes and data bytes of the whole subtree at `path`, and stores the result in its usage node (spec
   * 8.34).
   */
  recount(path: string): void {
    const top = this.#tree.findPath(path);
    let count = 0;
    let bytes = 0;
    for (let node = top; node !== noNode; node = this.#tree.successor(node, top)) {
      count++;
      bytes += Math.max(0, this.#tree.nodes.get(node, Field.dataLength));
    }
    this.#store(usagePath(path), new QuotaText('').with(count, bytes));
  }

  /** Finds all paths with a quota, and counts the usage of each. Call this after a snapshot and its logs were read. */
  load(): void {
    const top = this.#tree.findPath(quotaRoot);
    if (top === noNode) return;
    const found: string[] = [];
    for (let node = top; node !== noNode; node = this.#tree.successor(node, top)) {
      const path = this.#tree.pathOf(node);
      if (path.endsWith(`/${limitNodeName}`)) found.push(path.slice(quotaRoot.length, path.lastIndexOf('/')));
    }
    for (const path of found) {
      this.paths.add(path);
      this.recount(path);
    }
  }

  /**
   * Returns the quota limit that a change at `path` would exceed. The number of nodes is checked only if
   * `countDiff` is not 0, and the number of bytes only if `bytesDiff` is not 0.
   */
  breach(path: string, countDiff: number, bytesDiff: number): QuotaBreach | undefined {
    const governing = this.paths.governing(path);
    if (governing === undefined) return undefined;
    const limits = this.#textAt(limitPath(governing));
    const usage = this.#textAt(usagePath(governing));
    if (limits === undefined || usage === undefined) return undefined;
    const count = overLimit(
      'count',
      governing,
      usage.count + countDiff,
      countDiff,
      limits.count,
      limits.countHardLimit,
    );
    if (count?.hard) return count;
    const bytes = overLimit('bytes', governing, usage.bytes + bytesDiff, bytesDiff, limits.bytes, limits.byteHardLimit);
    return bytes ?? count;
  }

  #textAt(path: string): QuotaText | undefined {
    const node = this.#tree.findPath(path);
    return node === noNode ? undefined : new QuotaText(this.#tree.dataOf(node)?.toString() ?? '');
  }

  #store(path: string, text: QuotaText): void {
    const node = this.#tree.findPath(path);
    if (node === noNode) return;
    const data = Buffer.from(text.toString());
    this.#tree.replaceData(node, data, 0, data.length);
    this.#tree.nodeDigests.dataChanged(node);
  }
}

function overLimit(
  what: string,
  path: string,
  total: number,
  difference: number,
  softLimit: number,
  hardLimit: number,
): QuotaBreach | undefined {
  const hard = hardLimit > -1;
  const limit = hard ? hardLimit : softLimit;
  if (difference === 0 || limit <= -1 || total <= limit) return undefined;
  return {
    path,
    hard,
    text: `Quota exceeded: ${path} [current ${what}=${total}, ${hard ? 'hard' : 'soft'} limit=${limit}]`,
  };
}
