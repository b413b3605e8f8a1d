/**
 * A program with normal clients, which measure their reply times while the servers are attacked. `node innocent.js PORT
 * ...` opens one session at each port. When its standard input ends, it prints the results as JSON.
 */
import { RawConnection } from '../raw/connection.js';
import type { Request } from '../raw/operations.js';

/** A reply that took at least `delayMsMin`. */
interface Delay {
  /** When the request was sent, in ms since 1970. */
  readonly atMs: number;
  readonly ms: number;
}

/** What the client of one port measured. */
export interface Experience {
  readonly port: number;
  /** The reply times of reads, sorted. */
  readonly readMs: number[];
  /** The reply times of writes, sorted. */
  readonly writeMs: number[];
  readonly delays: Delay[];
  /** The node that the client writes. */
  readonly path: string;
  /** The last value whose write was acknowledged. */
  readonly acknowledged: number;
  /** The error that ended the client too early. Undefined if there was none. */
  readonly problem: string | undefined;
}

const pauseMs = 3;
const delayMsMin = 10;
const world = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];
let isOver = false;

async function live(port: number): Promise<Experience> {
  const path = `/innocent-${port}`;
  const readMs: number[] = [];
  const writeMs: number[] = [];
  const delays: Delay[] = [];
  let acknowledged = 0;
  let problem: string | undefined;
  try {
    const connection = await RawConnection.open(port, { timeoutMs: 30_000 });
    await connection.must({ operation: 'create', value: { path, data: Buffer.from('0'), acl: world, flags: 0 } });
    while (!isOver) {
      const data = Buffer.from(String(acknowledged + 1));
      await timed(connection, writeMs, delays, { operation: 'setData', value: { path, data, version: -1 } });
      acknowledged++;
      const read = await timed(connection, readMs, delays, { operation: 'getData', value: { path, watch: false } });
      if (String(read.data) !== String(acknowledged)) throw new Error(`read ${read.data} after writing ${data}`);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    await connection.call({ operation: 'closeSession' });
  } catch (error) {
    problem = (error as Error).message;
  }
  const sorted = (times: number[]) => times.toSorted((a, b) => a - b);
  return { port, readMs: sorted(readMs), writeMs: sorted(writeMs), delays, path, acknowledged, problem };
}

async function timed(connection: RawConnection, times: number[], delays: Delay[], request: Request) {
  const [atMs, startMs] = [Date.now(), performance.now()];
  const body = await connection.must(request);
  const ms = performance.now() - startMs;
  times.push(ms);
  // This client waits for each reply. A client that does not wait would have sent a request every `pauseMs` during this
  // reply time. The waiting times of these requests are added, because a stall delays them too.
  for (let left = ms - pauseMs; left > pauseMs; left -= pauseMs) times.push(left);
  if (ms >= delayMsMin) delays.push({ atMs, ms });
  return body;
}

process.stdin.on('end', () => {
  isOver = true;
});
process.stdin.resume();
const experiences = await Promise.all(process.argv.slice(2).map((port) => live(Number(port))));
process.stdout.write(JSON.stringify(experiences));
