import type { Random } from '../ports/clock.js';

interface ConnectionThrottleOptions {
  /** Capacity of the token bucket; 0 disables throttling. */
  readonly connectionThrottleTokens: number;
  readonly connectionThrottleFillTimeMs: number;
  readonly connectionThrottleFillCount: number;
  /**
   * Time in ms between two changes of the drop probability. With -1 the probability stays 0, so only the token bucket
   * decides.
   */
  readonly connectionThrottleFreezeTimeMs: number;
  readonly connectionThrottleDropIncrease: number;
  readonly connectionThrottleDropDecrease: number;
  readonly connectionThrottleDecreaseRatio: number;
  readonly connectionThrottleWeightEnabled: boolean;
  readonly connectionThrottleGlobalSessionWeight: number;
  readonly connectionThrottleRenewSessionWeight: number;
}

/**
 * A token bucket for new connections. While the bucket is empty, the probability that the server refuses a connection
 * rises (spec 8.7, 8.8).
 */
export class ConnectionThrottle {
  readonly #options: ConnectionThrottleOptions;
  readonly #random: Random;
  readonly #tokensMax: number;
  readonly #fillCount: number;
  #tokens: number;
  #filledMs: number;
  #frozenSinceMs: number;
  dropProbability = 0;

  constructor(options: ConnectionThrottleOptions, random: Random, nowMs: number) {
    this.#options = options;
    this.#random = random;
    const weight = options.connectionThrottleWeightEnabled ? options.connectionThrottleGlobalSessionWeight : 1;
    this.#tokensMax = options.connectionThrottleTokens * weight;
    this.#fillCount = options.connectionThrottleFillCount * weight;
    this.#tokens = this.#tokensMax;
    this.#filledMs = nowMs;
    this.#frozenSinceMs = nowMs;
  }

  admit(nowMs: number, isNewSession: boolean): boolean {
    if (this.#tokensMax === 0) return true;
    this.#refill(nowMs);
    this.#adjustProbability(nowMs);
    if (this.dropProbability > 0 && this.#random() < this.dropProbability) return false;
    const needed = this.#needed(isNewSession);
    if (this.#tokens < needed) return false;
    this.#tokens -= needed;
    return true;
  }

  /** The number of tokens that are missing from the bucket. */
  get deficit(): number {
    return this.#tokensMax - this.#tokens;
  }

  #needed(isNewSession: boolean): number {
    const options = this.#options;
    if (!options.connectionThrottleWeightEnabled) return 1;
    return isNewSession ? options.connectionThrottleGlobalSessionWeight : options.connectionThrottleRenewSessionWeight;
  }

  #refill(nowMs: number): void {
    const periods = Math.floor((nowMs - this.#filledMs) / this.#options.connectionThrottleFillTimeMs);
    if (periods <= 0) return;
    this.#tokens = Math.min(this.#tokensMax, this.#tokens + periods * this.#fillCount);
    this.#filledMs = nowMs;
  }

  #adjustProbability(nowMs: number): void {
    const options = this.#options;
    if (options.connectionThrottleFreezeTimeMs < 0) return;
    if (nowMs - this.#frozenSinceMs < options.connectionThrottleFreezeTimeMs) return;
    this.#frozenSinceMs = nowMs;
    const used = this.#tokensMax - this.#tokens;
    if (this.#tokens < 1) {
      this.dropProbability = Math.min(1, this.dropProbability + options.connectionThrottleDropIncrease);
    } else if (used <= this.#tokensMax * options.connectionThrottleDecreaseRatio) {
      this.dropProbability = Math.max(0, this.dropProbability - options.connectionThrottleDropDecrease);
    }
  }
}
