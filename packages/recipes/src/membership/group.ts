import { EventEmitter } from 'node:events';
import { bytes, type Codec, type Data, utf8, type ZooKeeper } from '@nodekeeper/client';
import { Cache } from '../caches/cache.js';
import type { InvalidNode } from '../caches/cache-events.js';
import type { CacheEntry } from '../caches/cached-tree.js';
import { type Caller, runCall, type WaitOptions } from '../foundation/call.js';
import {
  type Checks,
  checkArgument,
  isBoolean,
  isCodec,
  isNodeName,
  isText,
  isTimeMs,
  oneOf,
} from '../foundation/checks.js';
import { Condition } from '../foundation/condition.js';
import { emitSafely } from '../foundation/emit-safely.js';
import { RecipeError } from '../foundation/errors.js';
import { childOf, nameOf } from '../foundation/parents.js';
import { callerOf, type RecipeOptions } from '../foundation/recipe-options.js';
import { uuid } from '../foundation/unique-id.js';
import type { Naming } from '../line/naming.js';
import { KeptNode } from './kept-node.js';
import { type MemberNaming, memberNamings } from './member-naming.js';
import { Reporter } from './reporter.js';

/** A member of a group. */
export interface Member<Value = string> {
  readonly id: string;
  /** The path of its node. */
  readonly path: string;
  /** The value of the last `join` or `report` of the member; null for a node without data, and for members of kazoo's parties. */
  readonly value: Value | null;
}

/** The events of a `Group`. */
export interface GroupEvents<Value = string> {
  /** A client has joined. The members at the start of the group are included. */
  joined: [member: Member<Value>];
  /** A client has left, or its session has expired. */
  left: [member: Member<Value>];
  /** A member has reported a new value, or it has left and joined again in a short time. */
  changed: [member: Member<Value>];
  /** A node has data that the codec refuses, or is not readable. Other members are not affected. */
  invalid: [node: InvalidNode];
  /** Another client is a member with this client's id. This client joins after it has left. */
  blocked: [path: string];
  /** The server refuses a report. The member keeps its earlier value. */
  refused: [error: RecipeError];
  /** The group has ended, because the client has no session any more, or because it cannot join again. */
  error: [error: RecipeError];
}

/** Options of a `Group`. */
export interface GroupOptions<Value = string> extends RecipeOptions {
  /** The id of this client, unique in the group. Default: a random UUID. */
  readonly id?: string;
  /** The library whose clients may be in the same group. Default `curator`. */
  readonly naming?: Naming;
  /** With kazoo's naming, true for a `ShallowParty` and false for a `Party`. Default false. */
  readonly shallow?: boolean;
  /** Converts the values of the members, with Curator's naming. Default: text. */
  readonly codec?: Codec<Value>;
  /** `report` writes at most once in this time, in milliseconds. Default 1000. */
  readonly reportIntervalMs?: number;
}

const checks: Checks = {
  id: isText,
  naming: oneOf('curator', 'kazoo'),
  shallow: isBoolean,
  codec: isCodec,
  reportIntervalMs: isTimeMs,
};

class MemberCache extends Cache<unknown> {
  constructor(zk: ZooKeeper, path: string, codec: Codec<unknown, never>) {
    super(zk, 'Group', path, { depth: 1, hasRootValue: false }, { codec });
  }
}

/**
 * A group of clients. `start` follows its members, and `join` makes this client a member: each works without the other.
 * A member stays until it leaves, also with a new session of its client. The nodes are those of Curator's `GroupMember`,
 * or of kazoo's `Party` and `ShallowParty`.
 */
export class Group<Value = string> extends EventEmitter<GroupEvents<Value>> implements AsyncDisposable {
  /** The id of this client. */
  readonly id: string;
  readonly #caller: Caller;
  readonly #naming: MemberNaming;
  readonly #codec: Codec<Value>;
  readonly #cache: MemberCache;
  readonly #reporter: Reporter;
  readonly #condition = new Condition();
  #isStarted = false;
  /** Grows with each change of the members. */
  #version = 0;
  #own: KeptNode | undefined;
  #failure: RecipeError | undefined;
  #isClosed = false;

  /** @param path the directory of the members; it is created when a client joins */
  constructor(zk: ZooKeeper, path: string, options: GroupOptions<Value> = {}) {
    super();
    this.#caller = callerOf(zk, 'Group', path, options, checks);
    const { naming = 'curator', shallow = false, id = uuid(zk.ports.random), reportIntervalMs = 1000 } = options;
    this.id = id;
    this.#naming = memberNamings[naming === 'curator' ? naming : shallow ? 'shallow' : 'party'];
    this.#checkOptions(options);
    // without a codec, `Value` is `string`
    this.#codec = options.codec ?? (utf8 as Codec<unknown, never> as Codec<Value>);
    const codec = this.#naming.hasValues ? this.#codec : shallow ? bytes : utf8;
    this.#cache = new MemberCache(zk, path, codec as Codec<unknown, never>);
    this.#reporter = new Reporter(zk.ports.scheduler, reportIntervalMs, (data) => this.#own?.want(data));
    this.#follow();
  }

  #checkOptions({ naming, shallow, codec }: GroupOptions<Value>): void {
    const bad = (text: string) => new RecipeError('BADARGUMENTS', this.#caller, text);
    if (naming === 'kazoo' && codec !== undefined) throw bad("members of kazoo's parties have no value for a codec");
    if (naming !== 'kazoo' && shallow) throw bad("shallow needs kazoo's naming");
    // kazoo's Party has the id in the data
    const isInName = this.#naming !== memberNamings.party;
    if (isInName) checkArgument(this.#caller, 'id', this.id, isNodeName);
  }

  // ---- the members

  /**
   * Reads the members, and follows them from then on. Resolves when `members` includes every change that the ensemble
   * committed before the call.
   */
  async start(options: WaitOptions = {}): Promise<void> {
    await this.#cache.start(options);
    this.#isStarted = true;
    this.#changed();
  }

  /** The members, in the order of their ids. Empty before `start`. */
  get members(): Member<Value>[] {
    const members = [...this.#cache].flatMap((entry) => this.#memberOf(entry) ?? []);
    return members.sort((one, other) => compare(one.id, other.id) || compare(one.path, other.path));
  }

  /** Yields the members after `start`, and then again after changes. Ends when the group is closed. */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<Member<Value>[]> {
    let seen: number | undefined;
    for (;;) {
      const version = await runCall(this.#caller, {}, (call) => this.#condition.until(call, () => this.#newer(seen)));
      if (version === 'closed') return;
      seen = version;
      yield this.members;
    }
  }

  #newer(seen: number | undefined): number | 'closed' | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isClosed) return 'closed';
    return this.#isStarted && this.#version !== seen ? this.#version : undefined;
  }

  #follow(): void {
    const events = { added: 'joined', changed: 'changed', removed: 'left' } as const;
    for (const [from, to] of Object.entries(events) as [keyof typeof events, 'joined' | 'changed' | 'left'][]) {
      this.#cache.on(from, (entry) => {
        const member = this.#memberOf(entry);
        if (member === undefined) return;
        this.#changed();
        emitSafely<GroupEvents<Value>, typeof to>(this, to, member);
      });
    }
    this.#cache.on('invalid', (node) => emitSafely<GroupEvents<Value>, 'invalid'>(this, 'invalid', node));
    this.#cache.on('error', (error) => this.#fail(error));
  }

  #memberOf({ path, value }: CacheEntry<unknown>): Member<Value> | undefined {
    const { hasValues } = this.#naming;
    const id = this.#naming.idOf(nameOf(path), hasValues ? '' : String(value ?? ''));
    return id === undefined ? undefined : { id, path, value: hasValues ? (value as Value | null) : null };
  }

  #changed(): void {
    this.#version++;
    this.#condition.changed();
  }

  // ---- the own membership

  /**
   * Joins the group. Resolves when the other clients can see this client. If the call rejects, this client has not
   * joined. A client that has joined already gets the new value, if there is one.
   *
   * @param value not for kazoo's parties, whose members have no value
   */
  async join(value?: Value, options: WaitOptions = {}): Promise<void> {
    if (this.#isClosed) throw new RecipeError('CLOSED', this.#caller, 'the group is closed');
    const data = value === undefined ? undefined : this.#encode(value);
    if (this.#own !== undefined) {
      if (data !== undefined) await this.#own.setData(data, options);
      else await this.#own.untilThere(options);
      return;
    }
    const path = childOf(this.#caller.path, this.#naming.nameOf(this.id, this.#caller.zk.ports.random));
    const first = this.#naming.hasValues ? (data ?? '') : this.id;
    const own = new KeptNode(this.#caller, path, first, { mode: 'EPHEMERAL' }, this.#ownEvents());
    this.#own = own;
    try {
      await own.start(options);
    } catch (error) {
      if (this.#own === own) this.#own = undefined;
      throw error;
    }
  }

  #ownEvents() {
    return {
      created: () => {},
      blocked: (path: string) => emitSafely<GroupEvents<Value>, 'blocked'>(this, 'blocked', path),
      refused: (error: RecipeError) => emitSafely<GroupEvents<Value>, 'refused'>(this, 'refused', error),
      failed: (error: RecipeError) => this.#fail(error),
    };
  }

  /**
   * Writes a value for the other members, such as the progress of this client. Writes at most once in each
   * `reportIntervalMs`; if there are several reports in this time, the last one is written.
   *
   * @throws `NOT_HELD` if this client has not joined; `INVALID_DATA` if the codec refuses the value
   */
  report(value: Value): void {
    const data = this.#encode(value);
    if (this.#own === undefined) throw new RecipeError('NOT_HELD', this.#caller, 'this client has not joined');
    this.#reporter.report(data);
  }

  #encode(value: Value): Data {
    if (!this.#naming.hasValues) {
      throw new RecipeError('BADARGUMENTS', this.#caller, "members of kazoo's parties have no value");
    }
    try {
      return this.#codec.encode(value);
    } catch (cause) {
      const detail = `the value cannot be encoded: ${(cause as Error).message}`;
      throw new RecipeError('INVALID_DATA', this.#caller, detail, cause);
    }
  }

  /** Leaves the group. Does nothing if this client has not joined. Without a connection, it waits for the next one. */
  async leave(): Promise<void> {
    this.#reporter.stop();
    const own = this.#own;
    this.#own = undefined;
    await own?.close();
  }

  /** Leaves the group, and stops following it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#condition.changed();
    await Promise.all([this.leave(), this.#cache.close()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #fail(error: RecipeError): void {
    if (this.#failure !== undefined || this.#isClosed) return;
    this.#failure = error;
    this.#reporter.stop();
    this.#condition.changed();
    emitSafely<GroupEvents<Value>, 'error'>(this, 'error', error);
  }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
