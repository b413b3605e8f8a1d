import { superAuth } from '../directories/workload.js';
import { type Incoming, RawConnection } from '../raw/connection.js';
import type { Request } from '../raw/operations.js';
import type { RecordValue } from '../raw/records.js';
import { plainText } from '../raw/tree-dump.js';

/** The data of each node, by path. */
export type TreeContent = ReadonlyMap<string, string | null>;

interface TreeDump {
  /** One line for each node with its data, Stat and ACL, ordered by path. */
  lines: string[];
  content: TreeContent;
}

const batchSize = 200;
/** This node is not compared, because each server writes it by itself, when it starts and when it has a leader. */
const configNode = '/zookeeper/config';

/**
 * Reads the whole tree of one server after a sync, with many requests in flight. On this server, the super user must
 * have the password `test`.
 */
export async function readTree(port: number): Promise<TreeDump> {
  const connection = await RawConnection.open(port, { timeoutMs: 60_000 });
  await connection.must(superAuth);
  await connection.must({ operation: 'sync', value: { path: '/' } });
  const lines: string[] = [];
  const content = new Map<string, string | null>();
  let paths = ['/'];
  while (paths.length > 0) {
    const batch = paths.splice(0, batchSize);
    const replies = await ask(connection, batch.flatMap(requestsFor));
    for (const [index, path] of batch.entries()) {
      const [data, acl, list] = replies.slice(index * 3).map(({ body }) => body as RecordValue);
      content.set(path, data!.data === null ? null : String(data!.data));
      if (path !== configNode) lines.push(`${path} ${plainText({ ...data, acl: acl!.acl! })}`);
      paths = paths.concat(
        (list!.children as string[]).map((child) => (path === '/' ? `/${child}` : `${path}/${child}`)),
      );
    }
  }
  await connection.call({ operation: 'closeSession' });
  return { lines: lines.toSorted(), content };
}

function requestsFor(path: string): Request[] {
  return [
    { operation: 'getData', value: { path, watch: false } },
    { operation: 'getACL', value: { path } },
    { operation: 'getChildren', value: { path, watch: false } },
  ];
}

/** Sends all requests at once. Returns the replies, which come in the order of the requests. */
async function ask(connection: RawConnection, requests: Request[]): Promise<(Incoming & { kind: 'reply' })[]> {
  for (const request of requests) connection.send(request);
  await connection.settled();
  const replies = connection.takeIncoming().filter((item) => item.kind === 'reply');
  const bad = replies.find(({ header }) => header.err !== 0);
  if (bad !== undefined || replies.length !== requests.length) {
    throw new Error(
      `the tree cannot be read: ${replies.length} of ${requests.length} replies, error ${bad?.header.err}`,
    );
  }
  return replies;
}
