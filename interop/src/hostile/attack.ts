import { connect } from 'node:net';
import type { Random } from '../differential/random.js';

/**
 * A nodekeeper server under attack. A member of an ensemble has all three ports, a standalone server only the client
 * port.
 */
export interface Victim {
  readonly name: string;
  readonly pid: number;
  readonly clientPort: number;
  readonly serverId: number | undefined;
  readonly electionPort: number | undefined;
  readonly quorumPort: number | undefined;
  log(): string;
}

/**
 * An attack by a stranger on one port. `run` throws only if the attack itself is faulty, never because of the server's
 * reaction.
 */
export interface Attack {
  readonly name: string;
  readonly port: 'clientPort' | 'electionPort' | 'quorumPort';
  run(victim: Victim, random: Random): Promise<void>;
}

/** How long an attack waits for a reply that may never come. */
const patienceMs = 150;

/**
 * Connects, sends the chunks one by one, and returns the received bytes. Closes the connection after `waitMs`, unless
 * the server closes it earlier. Does not read from the server if `reads` is false.
 */
export function exchange(port: number, chunks: readonly Buffer[], waitMs = patienceMs, reads = true): Promise<Buffer> {
  return new Promise((resolve) => {
    const received: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => {
      for (const chunk of chunks) socket.write(chunk);
    });
    const timer = setTimeout(() => socket.destroy(), waitMs);
    socket.setNoDelay(true);
    if (reads) socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.on('error', () => {}); // 'close' follows a reset
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(received));
    });
  });
}

/** Numbers that `mutated` writes in place of lengths, counts, ids and codes. */
const interesting = [0, 1, -1, -2, 2, 4, 127, 255, 65_536, 0xffffff, 1_048_576, 0x7fffffff, -0x80000000];

/**
 * A copy of `bytes` with one to three random changes. A change flips a bit, replaces a byte or an integer, or removes
 * bytes at the end.
 */
export function mutated(random: Random, bytes: Buffer): Buffer {
  let copy = Buffer.from(bytes);
  for (let changes = 1 + random.below(3); changes > 0 && copy.length > 4; changes--) {
    const at = random.below(copy.length - 3);
    const kind = random.below(4);
    if (kind === 0) copy[at]! ^= 1 << random.below(8);
    else if (kind === 1) copy[at] = random.below(256);
    else if (kind === 2) copy.writeInt32BE(random.pick(interesting), at);
    else copy = copy.subarray(0, at + 1);
  }
  return copy;
}
