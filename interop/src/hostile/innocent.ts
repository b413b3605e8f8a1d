/**
 * A program: clients that mind their own business while servers are attacked, and measure how long their answers take.
 * `node innocent.js PORT ...` has one session at each port until its input ends, then prints what it has seen as JSON.
 */
import { RawConnection } from '../raw/connection.js';
import type { Request } from '../raw/operations.js';

/** An answer that took long. */
interface Delay {
  /** When it was asked for, in milliseconds since 1970. */
  readonly atMs: number;
  readonly ms: number;
}

/** What was seen at one port. */
export interface Experience {
  readonly port: number;
  /** Answer times by operation, in milliseconds, sorted. */
  readonly readMs: number[];
  readonly writeMs: number[];
  readonly delays: Delay[];
  /** The node that was written, and the last value of which the write was acknowledged. */
  readonly path: string;
  readonly acknowledged: number;
  /** Why it ended before it was told to. */
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
  // a client that had not waited for the answer would have asked, and waited, again and again meanwhile
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
