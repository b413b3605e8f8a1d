import assert from 'node:assert/strict';
import { ErrorCode, type Stat } from '@nodekeeper/protocol';
import { crc32 } from '../../src/checksum/index.js';
import type { DataTree } from '../../src/tree/data-tree.js';
import { noNode, statDigestBytes } from '../../src/tree/node-table.js';
import { childNames } from '../support/child-names.js';

interface ModelNode {
  data: string | null;
  czxid: number;
  mzxid: number;
  pzxid: number;
  version: number;
  creates: number;
  aversion: number;
  owner: bigint;
}

/**
 * A model of the tree as ZooKeeper's programmer's guide describes it: a map from path to node. The model is simple and
 * slow.
 */
export class TreeModel {
  nodes = new Map<string, ModelNode>();
  zxid = 0;

  constructor(zxid: number) {
    this.zxid = zxid;
    this.nodes.set('/', newNode('', 0, 0n));
    this.nodes.set('/zookeeper', newNode('', 0, 0n));
  }

  children(path: string): string[] {
    const prefix = path === '/' ? '/' : `${path}/`;
    const below = [...this.nodes.keys()].filter((key) => key !== '/' && key.startsWith(prefix));
    return below.map((key) => key.slice(prefix.length)).filter((name) => !name.includes('/'));
  }

  stat(path: string): Partial<Stat> {
    const node = this.nodes.get(path)!;
    const numChildren = this.children(path).length;
    return {
      czxid: node.czxid,
      mzxid: node.mzxid,
      pzxid: node.pzxid,
      version: node.version,
      cversion: 2 * node.creates - numChildren,
      aversion: node.aversion,
      ephemeralOwner: node.owner,
      dataLength: node.data?.length ?? 0,
      numChildren,
    };
  }

  copy(): TreeModel {
    const copy = new TreeModel(this.zxid);
    copy.nodes = new Map([...this.nodes].map(([path, node]) => [path, { ...node }]));
    return copy;
  }

  /**
   * Creates a node with the current zxid. The caller increases the zxid once before each write, so that all parts of a
   * multi have the same zxid.
   */
  create(path: string, data: string | null, owner: bigint, sequential: boolean): string | number {
    const parent = parentOf(path);
    const above = this.nodes.get(parent);
    if (above === undefined) return ErrorCode.NONODE;
    const full = sequential ? path + String(above.creates).padStart(10, '0') : path;
    if (this.nodes.has(full)) return ErrorCode.NODEEXISTS;
    if (above.owner !== 0n) return ErrorCode.NOCHILDRENFOREPHEMERALS;
    above.creates++;
    above.pzxid = this.zxid;
    this.nodes.set(full, newNode(data, this.zxid, owner));
    return full;
  }

  delete(path: string, version: number): number {
    const above = this.nodes.get(parentOf(path));
    const node = this.nodes.get(path);
    if (above === undefined || node === undefined) return ErrorCode.NONODE;
    if (version !== -1 && version !== node.version) return ErrorCode.BADVERSION;
    if (this.children(path).length > 0) return ErrorCode.NOTEMPTY;
    this.nodes.delete(path);
    above.pzxid = this.zxid;
    return 0;
  }

  set(path: string, data: string | null, version: number): number {
    const node = this.nodes.get(path);
    if (node === undefined) return ErrorCode.NONODE;
    if (version !== -1 && version !== node.version) return ErrorCode.BADVERSION;
    node.data = data;
    node.version++;
    node.mzxid = this.zxid;
    return 0;
  }

  check(path: string, version: number): number {
    const node = this.nodes.get(path);
    if (node === undefined) return ErrorCode.NONODE;
    return version !== -1 && version !== node.version ? ErrorCode.BADVERSION : 0;
  }

  setAcl(path: string, version: number): number {
    const node = this.nodes.get(path);
    if (node === undefined) return ErrorCode.NONODE;
    if (version !== -1 && version !== node.aversion) return ErrorCode.BADVERSION;
    node.aversion++;
    return 0;
  }

  closeSession(owner: bigint): void {
    for (const [path, node] of [...this.nodes]) if (node.owner === owner) this.delete(path, -1);
  }
}

function newNode(data: string | null, zxid: number, owner: bigint): ModelNode {
  return { data, czxid: zxid, mzxid: zxid, pzxid: zxid, version: 0, creates: 0, aversion: 0, owner };
}

function parentOf(path: string): string {
  const cut = path.lastIndexOf('/');
  return cut === 0 ? '/' : path.slice(0, cut);
}

/** Describes every node of the tree: path, data, ACL and the whole stored Stat. */
export function treeText(tree: DataTree): string[] {
  const lines: string[] = [];
  for (let node = tree.root; node !== noNode; node = tree.successor(node, tree.root)) {
    const base = tree.nodes.baseOf(node);
    const stat = tree.nodes.pageOf(node).toString('hex', base, base + statDigestBytes);
    const data = tree.dataOf(node);
    lines.push(`${tree.pathOf(node)} ${data === null ? 'null' : data.toString('hex')} ${stat} ${aclText(tree, node)}`);
  }
  return lines.sort();
}

function aclText(tree: DataTree, node: number): string {
  return tree
    .aclOf(node)
    .map(({ perms, id }) => `${perms}:${id.scheme}:${id.id}`)
    .join();
}

/**
 * Computes the digest by its definition (spec 3.6), and all counts, and compares them with the values that the tree
 * maintains.
 */
export function assertConsistent(tree: DataTree): void {
  let digest = 0n;
  let count = 0;
  let bytes = 0;
  const owned: string[] = [];
  for (let node = tree.root; node !== noNode; node = tree.successor(node, tree.root)) {
    const path = tree.pathOf(node);
    const data = tree.dataOf(node);
    count++;
    bytes += (path === '/' ? 0 : Buffer.byteLength(path)) + (data?.length ?? 0);
    assert.equal(tree.findPath(path), node, `${path.slice(0, 100)} is found`);
    const children = childNames(tree, node);
    assert.equal(new Set(children).size, children.length);
    let below = 0;
    for (let at = node; (at = tree.successor(at, node)) !== noNode; ) below++;
    assert.equal(tree.descendantCount(node), below, `nodes below ${path.slice(0, 100)}`);
    const owner = tree.ownerOf(node);
    if (owner !== 0n && tree.kindOf(node) === 'ephemeral') owned.push(`${owner} ${path}`);
    if (path.startsWith('/zookeeper/')) continue;
    const base = tree.nodes.baseOf(node);
    const stat = tree.nodes.pageOf(node).subarray(base, base + statDigestBytes);
    const hashed = Buffer.concat([Buffer.from(path === '/' ? '' : path), data ?? Buffer.alloc(0), stat]);
    digest += BigInt(crc32(hashed, 0, hashed.length) >>> 0);
  }
  assert.equal(tree.count, count, 'count');
  assert.equal(tree.dataBytes, bytes, 'dataBytes');
  const kept = [...tree.owned.ephemerals].flatMap(([owner, paths]) => [...paths].map((path) => `${owner} ${path}`));
  assert.deepEqual(kept.sort(), owned.sort(), 'ephemerals');
  assert.equal(tree.digest.toBigInt(), BigInt.asIntN(64, digest), 'digest');
}
