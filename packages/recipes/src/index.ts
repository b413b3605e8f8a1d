/** The public API. Everything that is not exported here may change. */

export { Barrier } from './barriers/barrier.js';
export { DoubleBarrier, type DoubleBarrierOptions } from './barriers/double-barrier.js';
export type { CacheOptions } from './caches/cache.js';
export type { CacheEvent, CacheEvents, InvalidNode } from './caches/cache-events.js';
export type { CacheEntry } from './caches/cached-tree.js';
export { ChildrenCache } from './caches/children-cache.js';
export { type ChildrenState, ChildrenWatch } from './caches/children-watch.js';
export { DataWatch, type DataWatchOptions } from './caches/data-watch.js';
export type { CacheEventStream } from './caches/event-stream.js';
export { NodeCache } from './caches/node-cache.js';
export {
  PatientChildrenWatch,
  type PatientChildrenWatchOptions,
  type StableChildren,
} from './caches/patient-children-watch.js';
export type { StateListener, StateWatchEvents } from './caches/state-watch.js';
export { TreeCache } from './caches/tree-cache.js';
export { ConfigCenter } from './config/config-center.js';
export type { ConfigCenterOptions, ConfigEvents, ConfigVersion } from './config/config-events.js';
export type { ConfigInputs, ConfigKeys, ConfigSchemas, ConfigValues } from './config/config-keys.js';
export { AtomicDouble } from './counters/atomic-double.js';
export { AtomicLong, type AtomicLongOptions } from './counters/atomic-long.js';
export type { AtomicOptions, Change, ConditionalChange } from './counters/atomic-number.js';
export type { SharedEvents, Versioned } from './counters/shared.js';
export { SharedCount } from './counters/shared-count.js';
export { SharedValue } from './counters/shared-value.js';
export type { DownPolicy } from './discovery/down-instances.js';
export {
  type NewServiceInstance,
  type ServiceInstance,
  type ServiceType,
  serviceUri,
} from './discovery/service-instance.js';
export {
  type ChoiceOptions,
  type InstanceLease,
  ServiceProvider,
  type ServiceProviderEvents,
  type ServiceProviderOptions,
} from './discovery/service-provider.js';
export {
  type PayloadOptions,
  ServiceRegistry,
  type ServiceRegistryEvents,
  type ServiceRegistryOptions,
} from './discovery/service-registry.js';
export { type Choice, type Strategy, strategies, type WeightOf } from './discovery/strategies.js';
export type { WaitOptions } from './foundation/call.js';
export type { ClientsPathOptions } from './foundation/clients-path.js';
export { RecipeError, type RecipeErrorCode } from './foundation/errors.js';
export type { RecipeOptions } from './foundation/recipe-options.js';
export { type Backoff, type RetryPolicy, retry } from './foundation/retry.js';
export type { ConnectionPolicy } from './foundation/session-guard.js';
export { IdBlocks, type IdBlocksOptions } from './ids/id-blocks.js';
export { SequentialNames, type SequentialNamesOptions } from './ids/sequential-names.js';
export { WorkerIds, type WorkerIdsOptions } from './ids/worker-ids.js';
export { type HeldNumber, WorkerNumbers, type WorkerNumbersOptions } from './ids/worker-numbers.js';
export type { Contender } from './leadership/contenders.js';
export type { ElectionOptions } from './leadership/election-line.js';
export { LeaderElection, type LeaderWork, type RunOptions } from './leadership/leader-election.js';
export { LeaderLatch, type LeaderLatchEvents } from './leadership/leader-latch.js';
export type { LockContender } from './line/contenders.js';
export type { Naming } from './line/naming.js';
export type { Held } from './locks/hold.js';
export type { AcquireOptions } from './locks/line-lock.js';
export { type ExclusiveOptions, Lock } from './locks/lock.js';
export { type Acquirable, type MultiHeld, MultiLock } from './locks/multi-lock.js';
export { type LeaseOptions, NonBlockingLease } from './locks/non-blocking-lease.js';
export type { Owner } from './locks/owners.js';
export { ReadWriteLock } from './locks/read-write-lock.js';
export { type PermitOptions, Semaphore, type SemaphoreOptions } from './locks/semaphore.js';
export type { WriteHeld } from './locks/write-lock.js';
export type { WorkerInfo } from './master-worker/board.js';
export { Master, type MasterOptions } from './master-worker/master.js';
export type { AssignmentStrategy } from './master-worker/strategy.js';
export { Task, type TaskOutcome } from './master-worker/task.js';
export { type SubmitOptions, TaskClient, type TaskClientOptions } from './master-worker/task-client.js';
export type { Delivery } from './master-worker/task-name.js';
export type { TaskContext, Work } from './master-worker/task-run.js';
export type { MasterEvent } from './master-worker/term.js';
export { Worker, type WorkerEvent, type WorkerOptions } from './master-worker/worker.js';
export type { Assignment } from './membership/assignment.js';
export { Group, type GroupEvents, type GroupOptions, type Member } from './membership/group.js';
export type { Partition } from './membership/partition.js';
export {
  PersistentNode,
  type PersistentNodeEvents,
  type PersistentNodeOptions,
} from './membership/persistent-node.js';
export {
  type PartitionerState,
  SetPartitioner,
  type SetPartitionerEvents,
  type SetPartitionerOptions,
} from './membership/set-partitioner.js';
export { TtlNode, type TtlNodeOptions } from './membership/ttl-node.js';
export { createOrSet, ensurePath, ifExists, type NodeOptions } from './nodes/nodes.js';
export type { QueueEvents, QueueOptions } from './queues/base-queue.js';
export { type DelayOptions, DelayQueue, type DelayQueueOptions } from './queues/delay-queue.js';
export type { HeldItem } from './queues/held-item.js';
export { type IdOptions, IdQueue } from './queues/id-queue.js';
export { type EntryOptions, LockingQueue, type LockingQueueOptions } from './queues/locking-queue.js';
export { type PriorityOptions, PriorityQueue } from './queues/priority-queue.js';
export { type NamedQueueOptions, Queue } from './queues/queue.js';
