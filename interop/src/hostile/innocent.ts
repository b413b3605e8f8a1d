/**
 * A program with normal clients that measure their reply times while servers are attacked. `node innocent.js PORT ...`
 * has one session at each port until its input ends. Then it prints its results as JSON.
 */
import { RawConnection } from '../raw/connection.js';
import type { Request } from '../raw/operations.js';

/** A slow reply. */
interface Delay {
  /** The time of the request, in milliseconds since 1970. */
  readonly atMs: number;
  readonly ms: number;
}

/** The results at one port. */
export interface Experience {
  readonly port: number;
  /** Reply times by operation, in milliseconds, sorted. */
  readonly readMs: number[];
  readonly writeMs: number[];
  readonly delays: Delay[];
  /** The written node, and the last acknowledged value. */
  readonly path: string;
  readonly acknowledged: number;
  /** Why the client ended too early. */
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
  // a client that does not wait for replies would have sent requests in that time too, and each would have waited
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
