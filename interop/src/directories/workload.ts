import { RawConnection, type Session } from '../raw/connection.js';
import type { Request, SubRequest } from '../raw/operations.js';
import type { RecordValue } from '../raw/records.js';

/** What a writer left in a directory, for a check after another server has read the directory. */
export interface Written {
  /** A session that was left open. It owns the nodes in `ephemerals`. */
  session: Session;
  ephemerals: string[];
}

const hourMs = 3_600_000;
const text = (value: string) => Buffer.from(value);
const world = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];
const readOnly = [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }];
const bob = [{ perms: 31, id: { scheme: 'auth', id: '' } }, ...readOnly];
const local = [{ perms: 31, id: { scheme: 'ip', id: '127.0.0.0/8' } }];

export const superAuth: Request = authRequest('super:test');

function authRequest(credentials: string): Request {
  return { operation: 'auth', value: { type: 0, scheme: 'digest', auth: text(credentials) } };
}

/**
 * Creates nodes of every kind below `root`, with every kind of transaction. Each of the `rounds` has about 30
 * transactions.
 */
export async function writeWorkload(port: number, root: string, rounds: number): Promise<Written> {
  const [main, kept, passing] = [await open(port), await open(port), await open(port)];
  await main.must(authRequest('bob:secret'));
  await create(main, root, text('root'));
  await setQuota(main, root);
  await create(passing, `${root}/passing`, text('gone when its session is closed'), 1);
  const ephemerals: string[] = [];
  for (let round = 0; round < rounds; round++) {
    await writeRound(main, `${root}/r${round}`, round);
    ephemerals.push(await create(kept, `${root}/kept-`, text(`round ${round}`), 3));
    if (round === rounds >> 1) await passing.call({ operation: 'closeSession' });
  }
  await create(main, padPath(root), text('pad'));
  main.destroy();
  kept.destroy();
  return { session: kept.session, ephemerals };
}

function open(port: number): Promise<RawConnection> {
  return RawConnection.open(port, { timeoutMs: 10_000_000 });
}

async function create(connection: RawConnection, path: string, data: Buffer | null, flags = 0): Promise<string> {
  const body = await connection.must({ operation: 'create', value: { path, data, acl: world, flags } });
  return body.path as string;
}

async function setQuota(connection: RawConnection, root: string): Promise<void> {
  await create(connection, `/zookeeper/quota${root}`, null);
  await create(connection, `/zookeeper/quota${root}/zookeeper_limits`, text('count=100000,bytes=1000000'));
  await create(connection, `/zookeeper/quota${root}/zookeeper_stats`, text('count=0,bytes=0'));
}

async function writeRound(connection: RawConnection, base: string, round: number): Promise<void> {
  for (const request of roundRequests(base, round)) connection.send(request);
  await connection.settled();
  connection.takeIncoming();
}

function node(path: string, data: Buffer | null, acl: RecordValue[] = world, flags = 0): RecordValue {
  return { path, data, acl, flags };
}

function roundRequests(base: string, round: number): Request[] {
  const sub = (operation: SubRequest['operation'], value: RecordValue): SubRequest => ({ operation, value });
  return [
    { operation: 'create', value: node(base, null) },
    { operation: 'create', value: node(`${base}/empty`, Buffer.alloc(0)) },
    { operation: 'create2', value: node(`${base}/big`, Buffer.alloc(1_000 + round, 97)) },
    { operation: 'create', value: node(`${base}/größe-字`, text('ü')) },
    { operation: 'create', value: node(`${base}/bob`, text('b'), bob) },
    { operation: 'create', value: node(`${base}/local`, text('l'), local) },
    { operation: 'create', value: node(`${base}/sequence-`, text('1'), world, 2) },
    { operation: 'create', value: node(`${base}/sequence-`, text('2'), world, 2) },
    { operation: 'createContainer', value: node(`${base}/box`, null, world, 4) },
    { operation: 'create', value: node(`${base}/box/inside`, text('i')) },
    { operation: 'createTTL', value: { ...node(`${base}/ttl`, text('t'), bob, 5), ttl: hourMs + round } },
    { operation: 'createTTL', value: { ...node(`${base}/ttl-`, text('t'), world, 6), ttl: 1_099_511_627_775 } },
    { operation: 'setData', value: { path: `${base}/empty`, data: text('no longer'), version: 0 } },
    { operation: 'setData', value: { path: `${base}/big`, data: null, version: -1 } },
    { operation: 'setACL', value: { path: `${base}/empty`, acl: bob, version: 0 } },
    { operation: 'setACL', value: { path: base, acl: [...local, ...world], version: -1 } },
    { operation: 'create', value: node(`${base}/doomed`, text('d')) },
    { operation: 'delete', value: { path: `${base}/doomed`, version: 0 } },
    { operation: 'create', value: node(`${base}/empty`, text('exists')) },
    { operation: 'setData', value: { path: `${base}/none`, data: null, version: -1 } },
    { operation: 'create', value: node(`${base}/mine`, text('m'), world, 1) },
    {
      operation: 'multi',
      multi: [
        sub('create', node(`${base}/m`, text('m'))),
        sub('create', node(`${base}/m/child-`, text('c'), world, 2)),
        sub('createTTL', { ...node(`${base}/m/ttl`, null, world, 5), ttl: hourMs }),
        sub('createContainer', node(`${base}/m/box`, null, world, 4)),
        sub('create2', node(`${base}/m/mine`, null, world, 1)),
        sub('check', { path: base, version: 0 }),
        sub('setData', { path: `${base}/m`, data: text('mm'), version: 0 }),
        sub('delete', { path: `${base}/mine`, version: -1 }),
      ],
    },
    {
      operation: 'multi',
      multi: [
        sub('create', node(`${base}/never`, text('n'))),
        sub('check', { path: base, version: 99 }),
        sub('delete', { path: base, version: -1 }),
      ],
    },
  ];
}

/**
 * The node that `padTo128` writes after the tree was dumped. A comparison with the dump must skip the line of this
 * node.
 */
export const padPath = (root: string): string => `${root}/pad`;

/**
 * Writes until the zxid of the last write is a multiple of 128, because the digest log has entries only for such zxids.
 * Returns that zxid.
 */
export async function padTo128(port: number, root: string): Promise<number> {
  const connection = await open(port);
  const value = { path: padPath(root), data: text('pad'), version: -1 };
  for (;;) {
    const reply = await connection.call({ operation: 'setData', value });
    const zxid = Number(reply.header.zxid as bigint);
    if (zxid % 128 !== 0) continue;
    connection.destroy();
    return zxid;
  }
}
