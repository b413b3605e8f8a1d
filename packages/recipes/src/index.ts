/** The public API. Everything that is not exported here may change. */
export type { WaitOptions } from './foundation/call.js';
export { RecipeError, type RecipeErrorCode } from './foundation/errors.js';
export type { RecipeOptions } from './foundation/recipe-options.js';
export { type Backoff, type RetryPolicy, retry } from './foundation/retry.js';
export type { ConnectionPolicy } from './foundation/session-guard.js';
export type { Contender } from './leadership/contenders.js';
export type { ElectionOptions } from './leadership/election-line.js';
export { LeaderElection, type LeaderWork, type RunOptions } from './leadership/leader-election.js';
export { LeaderLatch, type LeaderLatchEvents } from './leadership/leader-latch.js';
export type { LockContender } from './line/contenders.js';
export type { Naming } from './line/naming.js';
export type { Held } from './locks/hold.js';
export type { AcquireOptions } from './locks/line-lock.js';
export { type ExclusiveOptions, Lock } from './locks/lock.js';
export type { Owner } from './locks/owners.js';
