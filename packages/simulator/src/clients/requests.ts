import { CreateFlag, type MultiOp, OpCode, type OpName, Perm } from '@nodekeeper/protocol';
import { below, pick } from '@nodekeeper/server/testing';
import type { ClientSetting } from './setting.js';

export interface Ask {
  readonly op: OpName;
  readonly path: string;
  readonly body: unknown;
  readonly watch: boolean;
  readonly isSequential: boolean;
}

const acl = [{ perms: Perm.ALL, id: { scheme: 'world', id: 'anyone' } }];
const names = ['/a', '/b', '/c', '/a/x', '/a/y', '/b/x'];
const parents = ['/', '/a', '/b'];

/**
 * Draws the requests of a client at random. There are few node names, so that the requests of several clients conflict.
 */
export class Requests {
  readonly #random: () => number;
  readonly #client: string;
  #count = 0;

  constructor(client: string, random: () => number) {
    this.#client = client;
    this.#random = random;
  }

  /** The next request, or the next two requests (a sync and a read) in this order. */
  next({ writeShare, syncShare }: Pick<ClientSetting, 'writeShare' | 'syncShare'>): Ask[] {
    const draw = this.#random();
    if (draw < writeShare) return [this.write()];
    if (draw < writeShare + syncShare) return [ask('sync', '/', { path: '/' }), this.read()];
    return [this.read()];
  }

  closeSession(): Ask {
    return ask('closeSession', '', undefined);
  }

  write(): Ask {
    const draw = this.#random();
    if (draw < 0.3) return this.#set(pick(this.#random, names));
    if (draw < 0.55) return this.#create(pick(this.#random, names), CreateFlag.PERSISTENT);
    if (draw < 0.7) return this.#create(pick(this.#random, names), CreateFlag.EPHEMERAL);
    if (draw < 0.8) return this.#createSequential();
    if (draw < 0.9) return this.#delete(pick(this.#random, names));
    return this.#multi();
  }

  read(): Ask {
    const path = pick(this.#random, names);
    const watch = this.#random() < 0.4;
    const draw = this.#random();
    if (draw < 0.45) return ask('getData', path, { path, watch }, watch);
    if (draw < 0.75) return ask('exists', path, { path, watch }, watch);
    const parent = pick(this.#random, parents);
    return ask('getChildren2', parent, { path: parent, watch }, watch);
  }

  /** A write that succeeds whatever the tree contains. */
  sure(): Ask {
    return this.#createSequential('/');
  }

  ephemeral(): Ask {
    return this.#create('/c', CreateFlag.EPHEMERAL);
  }

  #data(): Buffer {
    return Buffer.from(`${this.#client}-${this.#count++}${'.'.repeat(below(this.#random, 40))}`);
  }

  #version(): number {
    return this.#random() < 0.7 ? -1 : below(this.#random, 4);
  }

  #set(path: string): Ask {
    return ask('setData', path, { path, data: this.#data(), version: this.#version() });
  }

  #create(path: string, flags: number): Ask {
    return ask('create', path, { path, data: this.#data(), acl, flags });
  }

  #createSequential(parent = pick(this.#random, parents)): Ask {
    const path = `${parent === '/' ? '' : parent}/q-`;
    const flags = this.#random() < 0.5 ? CreateFlag.PERSISTENT_SEQUENTIAL : CreateFlag.EPHEMERAL_SEQUENTIAL;
    return { ...ask('create', path, { path, data: this.#data(), acl, flags }), isSequential: true };
  }

  #delete(path: string): Ask {
    return ask('delete', path, { path, version: this.#version() });
  }

  /**
   * Sets the same data in two nodes. Both writes succeed or fail together, so the two nodes always have the same data.
   */
  #multi(): Ask {
    const data = this.#data();
    const [first, second] = this.#random() < 0.5 ? ['/a/x', '/b/x'] : ['/a', '/b'];
    const ops: MultiOp[] = [
      { type: OpCode.setData, request: { path: first, data, version: -1 } },
      { type: OpCode.check, request: { path: second, version: -1 } },
      { type: OpCode.setData, request: { path: second, data, version: this.#version() } },
    ];
    if (this.#random() < 0.3) {
      const flags = CreateFlag.EPHEMERAL;
      ops.push({ type: OpCode.create, request: { path: `/c-${below(this.#random, 3)}`, data, acl, flags } });
    }
    return ask('multi', first, ops);
  }
}

function ask(op: OpName, path: string, body: unknown, watch = false): Ask {
  return { op, path, body, watch, isSequential: false };
}
