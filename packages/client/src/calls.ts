import { CreateFlag, type OpName } from '@nodekeeper/protocol';
import { anAcl } from './acl.js';
import type { CloseOptions, ConfigChange, ReadOptions, VersionOptions } from './call-options.js';
import {
  aBoolean,
  aFunction,
  anInteger,
  anOptionsObject,
  aSignal,
  aString,
  aTimeMs,
  aVersion,
  type Check,
  type Checks,
  int64,
  type OptionTable,
  oneOf,
  optionsFault,
  optionTable,
  withMethods,
} from './checks.js';
import type { Codec } from './codec.js';
import type { CreateOptions } from './create.js';
import { badArgument } from './errors.js';
import type { RequestOptions } from './requests.js';
import type { DeleteRecursiveOptions } from './tree.js';
import { removableKinds } from './watch/removable-kinds.js';
import type { WatchStreamOptions } from './watch/watch-stream.js';
import type { AddWatchOptions, RemoveWatchesOptions } from './watch/watches.js';

/** A method of the public API. */
export interface Call {
  /** The name that error texts use for the method. */
  readonly op: string;
  readonly options: OptionTable;
}

/** A method that sends a request to the server. */
export interface RequestCall<Name extends OpName = OpName> extends Call {
  /** The protocol's name of the operation. */
  readonly name: Name;
}

/** The default value of all options parameters. `checkOptions` does not check this object. */
export const none: Readonly<Record<string, never>> = Object.freeze({});

// ---- the tables of valid options, one for each options interface

type Coded = { readonly codec?: Codec<unknown, never> };

const encoder = { codec: withMethods('a codec, with the method encode', 'encode') };
const decoder = { codec: withMethods('a codec, with the method decode', 'decode') };
const limits: Checks<RequestOptions> = { signal: aSignal, timeoutMs: aTimeMs };
const reading: Checks<ReadOptions> = { ...limits, watch: aFunction };
const condition: Checks<VersionOptions> = { version: aVersion };
const creation: Checks<CreateOptions> = {
  mode: oneOf(Object.keys(CreateFlag)),
  acl: anAcl,
  ttlMs: anInteger(1, 2 ** 40 - 1),
};

const ofNothing = optionTable({});
const ofRequest = optionTable<RequestOptions>(limits);
const ofRead = optionTable<ReadOptions>(reading);
const ofGet = optionTable<ReadOptions & Coded>({ ...reading, ...decoder });
const ofCreate = optionTable<CreateOptions & RequestOptions & Coded>({ ...creation, ...limits, ...encoder });
const ofWrite = optionTable<VersionOptions & RequestOptions>({ ...condition, ...limits });
const ofSet = optionTable<VersionOptions & RequestOptions & Coded>({ ...condition, ...limits, ...encoder });
const ofDeleteRecursive = optionTable<DeleteRecursiveOptions>({ ...limits, wholeTree: aBoolean });
const ofClose = optionTable<CloseOptions>({ timeoutMs: aTimeMs, keepSession: aBoolean });
const ofAddWatch = optionTable<AddWatchOptions>({ ...limits, mode: oneOf(['PERSISTENT', 'PERSISTENT_RECURSIVE']) });
const ofRemoveWatches = optionTable<RemoveWatchesOptions>({
  ...limits,
  kind: oneOf(Object.keys(removableKinds)),
  callback: aFunction,
  local: aBoolean,
});
const ofWatch = optionTable<WatchStreamOptions>({
  recursive: aBoolean,
  once: oneOf(['data', 'exists', 'children']),
  signal: aSignal,
  bufferMax: anInteger(1, Number.MAX_SAFE_INTEGER),
});

/** The check of the first argument of `reconfig`. */
export const ofConfigChange: Check = anOptionsObject(
  optionTable<ConfigChange>({ joining: aString, leaving: aString, members: aString, fromConfig: int64 }),
);

// ---- the methods of the client

export const calls = {
  connected: { op: 'connected', options: ofRequest },
  close: { op: 'close', options: ofClose },
  updateServers: { op: 'updateServers', options: ofNothing },
  addAuth: { op: 'addAuth', options: ofNothing },

  create: { op: 'create', name: 'create2', options: ofCreate },
  createContainer: { op: 'create', name: 'createContainer', options: ofCreate },
  createTTL: { op: 'create', name: 'createTTL', options: ofCreate },
  createWithParents: { op: 'createWithParents', options: ofCreate },
  delete: { op: 'delete', name: 'delete', options: ofWrite },
  deleteRecursive: { op: 'deleteRecursive', options: ofDeleteRecursive },
  exists: { op: 'exists', name: 'exists', options: ofRead },
  get: { op: 'get', name: 'getData', options: ofGet },
  set: { op: 'set', name: 'setData', options: ofSet },
  children: { op: 'children', name: 'getChildren2', options: ofRead },
  getAllChildrenNumber: { op: 'getAllChildrenNumber', name: 'getAllChildrenNumber', options: ofRequest },
  getEphemerals: { op: 'getEphemerals', name: 'getEphemerals', options: ofRequest },
  getAcl: { op: 'getAcl', name: 'getACL', options: ofRequest },
  setAcl: { op: 'setAcl', name: 'setACL', options: ofWrite },
  sync: { op: 'sync', name: 'sync', options: ofRequest },
  whoAmI: { op: 'whoAmI', name: 'whoAmI', options: ofRequest },

  transaction: { op: 'transaction', name: 'multi', options: ofRequest },
  multiRead: { op: 'multiRead', name: 'multiRead', options: ofRequest },

  watch: { op: 'watch', options: ofWatch },
  addWatch: { op: 'addWatch', name: 'addWatch', options: ofAddWatch },
  removeWatches: { op: 'removeWatches', name: 'removeWatches', options: ofRemoveWatches },
  checkWatches: { op: 'removeWatches', name: 'checkWatches', options: ofRemoveWatches },

  getConfig: { op: 'getConfig', name: 'getData', options: ofRead },
  reconfig: { op: 'reconfig', name: 'reconfig', options: ofRequest },
} as const satisfies Record<string, Call | RequestCall>;

/** The steps of transactions and multi-reads. */
export const steps = {
  create: { op: 'create', options: optionTable<CreateOptions & Coded>({ ...creation, ...encoder }) },
  set: { op: 'set', options: optionTable<VersionOptions & Coded>({ ...condition, ...encoder }) },
  delete: { op: 'delete', options: optionTable<VersionOptions>(condition) },
  check: { op: 'check', options: ofNothing },
  get: { op: 'get', options: optionTable<Coded>(decoder) },
  children: { op: 'children', options: ofNothing },
} as const satisfies Record<string, Call>;

// ---- checks of arguments

/** Throws a `ZooKeeperError` for an unknown option or an invalid value. */
export function checkOptions({ op, options: table }: Call, path: unknown, options: unknown): void {
  if (options === none) return;
  const fault = optionsFault(table, options);
  if (fault !== undefined) throw badArgument(op, path, `options${fault}`);
}

/** Throws a `ZooKeeperError` if the argument `name` has an invalid value. */
export function checkArgument({ op }: Call, path: unknown, name: string, check: Check, value: unknown): void {
  const fault = check(value);
  if (fault !== undefined) throw badArgument(op, path, `${name}${fault}`);
}
