import { zxidHex } from '@nodekeeper/protocol';
import type { World } from '../world/world.js';

/**
 * The check counts a ping only if it follows the last counted ping by at least this time. It thereby ignores the extra
 * pings that sync requests cause.
 */
const pingMsMin = 60;
const pingsMax = 30;

/**
 * Checks that a leader drops a follower that does not acknowledge a proposal in time. The check fails if the leader has
 * pinged such a follower too often. The check counts pings, because a paused leader sends no pings and cannot react.
 */
export class AcknowledgementCheck {
  #owedZxid: number | undefined;
  #owedMs = 0;
  #pings = 0;
  #pingMs = 0;

  constructor(
    readonly world: World,
    readonly what: string,
    readonly limitMs: number,
  ) {}

  proposed(zxid: number): void {
    if (this.#owedZxid !== undefined) return;
    this.#owedZxid = zxid;
    this.#owedMs = this.world.nowMs;
    this.#pings = 0;
  }

  acked(zxid: number): void {
    if (this.#owedZxid !== undefined && zxid >= this.#owedZxid) this.#owedZxid = undefined;
  }

  pinged(): void {
    const { nowMs } = this.world;
    if (this.#owedZxid === undefined || nowMs - this.#pingMs < pingMsMin) return;
    this.#pingMs = nowMs;
    const owedMs = nowMs - this.#owedMs;
    this.world.demand(++this.#pings < pingsMax || owedMs < this.limitMs * 2, 'AcknowledgedInTime', () => {
      return `${this.what} owes ${zxidHex(this.#owedZxid!)} for ${owedMs.toFixed(0)} ms but is not dropped`;
    });
  }
}
