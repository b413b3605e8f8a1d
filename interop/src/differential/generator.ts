import type { Incoming } from '../raw/connection.js';
import type { Request } from '../raw/operations.js';
import { int32, type RecordValue } from '../raw/records.js';
import { type Knowledge, openAcl } from './ingredients.js';
import { Random } from './random.js';
import { makeAuth, makeQuota, makeRequest, makeUnknown } from './requests.js';
import type { Step } from './side.js';

const stepsPerBase = 400;
const barrierEvery = 25;

/**
 * Operations that are never part of a batch. The reply to a ping may overtake earlier replies. After a setACL, timing
 * decides whether ZooKeeper checks the next request against the old or the new ACL.
 */
const aloneOnly: ReadonlySet<string> = new Set(['ping', 'setACL']);

/** Makes the steps of a run one at a time. Each step depends on the seed and on the replies so far. */
export class Generator {
  private readonly random: Random;
  private readonly known: Knowledge = { base: '/d0', quotas: false, paths: [], versions: new Map(), lastZxid: 0 };
  private readonly queued: Step[] = [];
  private stepNumber = 0;

  constructor(
    seed: number,
    private readonly slotCount: number,
    private readonly without: (request: Request) => boolean,
  ) {
    this.random = new Random(seed);
  }

  /** The next step. `isOpen` tells whether a slot has an open connection. */
  next(isOpen: (slot: number) => boolean): Step {
    const queued = this.queued.shift();
    if (queued !== undefined) return this.usable(queued, isOpen);
    this.stepNumber++;
    if (this.stepNumber % barrierEvery === 0) return { kind: 'barrier' };
    const slot = this.random.below(this.slotCount);
    if (!isOpen(slot)) return this.open(slot);
    if (this.stepNumber % stepsPerBase < 2) return this.newBase(slot);
    return this.random.weighted<() => Step>([
      [800, () => this.requests(slot, [makeRequest(this.random, this.known, this.without)])],
      [120, () => this.batch(slot)],
      [20, () => this.auth(slot)],
      [6, () => this.reattach(slot)],
      [5, () => ({ kind: 'requests', slot, requests: [{ operation: 'closeSession' }], closes: true })],
      [4, () => ({ kind: 'requests', slot, requests: [makeUnknown(this.random)], closes: true })],
      [3, () => ({ kind: 'bytes', slot, bytes: this.brokenFrame() })],
      [5, () => this.quota(slot)],
    ])();
  }

  /** Learns which nodes and versions exist, from the replies of the first server. */
  learn(step: Step, incoming: Incoming[]): void {
    if (step.kind !== 'requests') return;
    const replies = incoming.filter((item) => item.kind === 'reply');
    for (const [index, reply] of replies.entries()) {
      const request = step.requests[index];
      const zxid = Number(reply.header.zxid as bigint);
      if (zxid > this.known.lastZxid) this.known.lastZxid = zxid;
      if (request !== undefined && reply.header.err === 0) this.learnReply(request, reply.body);
    }
  }

  private learnReply(request: Request, body: RecordValue | RecordValue[] | null): void {
    if (body === null) return;
    for (const [index, result] of (Array.isArray(body) ? body : [body]).entries()) {
      const asked = request.multi === undefined ? request.value : request.multi[index]?.value;
      const path = typeof result.path === 'string' ? result.path : asked?.path;
      if (typeof path !== 'string') continue;
      const stat = result.stat as RecordValue | undefined;
      if (stat !== undefined) this.known.versions.set(path, stat.version as number);
      if (path === result.path && request.operation !== 'sync') this.remember(path);
    }
  }

  private remember(path: string): void {
    if (path.length > 60 || /zookeeper_(stats|limits)$/.test(path) || this.known.paths.includes(path)) return;
    this.known.paths.push(path);
    if (this.known.paths.length > 30) this.known.paths.splice(this.random.below(15), 1);
  }

  private usable(step: Step, isOpen: (slot: number) => boolean): Step {
    return 'slot' in step && !isOpen(step.slot) ? this.open(step.slot) : step;
  }

  private open(slot: number): Step {
    return { kind: 'open', slot, timeoutMs: this.random.pick([600_000, 5_000_000]), oldStyle: this.random.chance(10) };
  }

  private requests(slot: number, requests: Request[]): Step {
    return { kind: 'requests', slot, requests };
  }

  /** Several requests that are sent at once on one connection, while the other connections are idle. */
  private batch(slot: number): Step {
    const length = this.known.quotas ? 1 : 2 + this.random.below(12);
    const requests = Array.from({ length }, () => makeRequest(this.random, this.known, this.without));
    return this.requests(slot, length === 1 ? requests : requests.filter((item) => !aloneOnly.has(item.operation)));
  }

  private quota(slot: number): Step {
    if (!this.known.quotas) return this.batch(slot);
    for (const request of makeQuota(this.random, this.known)) this.queued.push(this.requests(slot, [request]));
    return { kind: 'barrier' };
  }

  /** An auth packet and a ping. If the server rejects the packet, it closes the connection, which the ping detects. */
  private auth(slot: number): Step {
    this.queued.push(this.requests(slot, [{ operation: 'ping' }]));
    return this.requests(slot, [makeAuth(this.random)]);
  }

  private reattach(slot: number): Step {
    const ahead = this.random.chance(10);
    return {
      kind: 'reattach',
      slot,
      drop: this.random.chance(50),
      wrongPassword: this.random.chance(20),
      timeoutMs: this.random.pick([600_000, 1_000_000]),
      lastZxidSeen: ahead ? this.known.lastZxid + 1_000 : this.random.below(this.known.lastZxid + 1),
    };
  }

  private newBase(slot: number): Step {
    const day = Math.floor(this.stepNumber / stepsPerBase);
    const base = `/d${day}`;
    this.known.base = base;
    this.known.quotas = day % 3 === 1;
    this.known.paths = [];
    this.known.versions.clear();
    const value = { path: base, data: null, acl: openAcl, flags: 0 };
    return this.requests(slot, [{ operation: 'create', value }]);
  }

  /** A frame with an impossible length. The server closes the connection without a reply. */
  private brokenFrame(): Buffer {
    const length = this.random.pick([-1, -2_147_483_648, 0x7fffffff, 2_000_000]);
    return Buffer.concat([int32(length), this.random.bytes(8)]);
  }
}
