import type { LockContender } from '../line/contenders.js';

/** A client that leads, or waits for the leadership. */
export interface Contender {
  /** The id that the client chose; empty if it chose none. */
  readonly id: string;
  /** The path of its node. */
  readonly path: string;
  /** The fencing token that it has, or will have when it leads. */
  readonly token: number;
  /** True for the first contender. It is the leader, or becomes the leader at once. */
  readonly isLeader: boolean;
}

/** @param contenders in the order of their line */
export function asContenders(contenders: readonly LockContender[]): Contender[] {
  return contenders.map(({ path, data, token }, index) => {
    return { id: data?.toString('utf8') ?? '', path, token, isLeader: index === 0 };
  });
}
