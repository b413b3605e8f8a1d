import { zxidHex } from '@nodekeeper/protocol';
import type { World } from '../world/world.js';

/**
 * The minimum time between two pings that the check counts. Sync requests cause extra pings, which the check ignores.
 */
const pingMsMin = 60;
const pingsMax = 30;

/**
 * A leader must stop pinging a follower that does not acknowledge a proposal. Only the time in which the leader pings
 * counts. A paused leader sends no pings, and must notice the late follower by itself after the pause.
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
