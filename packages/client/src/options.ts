import { type ConnectionOptions, createSecureContext } from 'node:tls';
import { type Call, calls, checkArgument, checkOptions } from './calls.js';
import {
  aBoolean,
  aFunction,
  aNumber,
  anObjectWith,
  anOptionsObject,
  aSignal,
  aString,
  aTimeMs,
  type Check,
  type Checks,
  int64,
  listOf,
  must,
  optionTable,
  secret,
  withMethods,
} from './checks.js';
import { type ConnectString, parseConnectString } from './core/connect-string.js';
import type { Ports, Random, ServerAddress } from './core/ports.js';
import type { SessionOptions } from './core/session-types.js';
import { badArgument } from './errors.js';

/** An identity, such as `{ scheme: 'digest', auth: 'user:password' }`. */
export interface Credentials {
  /** `digest`, or another scheme that the server knows. */
  readonly scheme: string;
  /** The credentials. Text is sent as UTF-8. */
  readonly auth: string | Uint8Array;
}

/** The options of a client. Every option has a default. */
export interface ClientOptions {
  /**
   * The requested session timeout in milliseconds. The server limits it to between 2 and 20 of its ticks; the granted
   * timeout is in `ZooKeeper.session`. Default 30,000.
   */
  readonly sessionTimeoutMs?: number;
  /** How long `connect` tries to get the first session, in milliseconds. 0 means no limit. Default 30,000. */
  readonly connectTimeoutMs?: number;
  /**
   * The time limit of requests without their own `timeoutMs`, in milliseconds. With 0, the default, a request may wait
   * as long as the session lives.
   */
  readonly requestTimeoutMs?: number;
  /**
   * If true, the client accepts a read-only server, and moves to a server that accepts writes when it finds one.
   * Default false.
   */
  readonly readOnly?: boolean;
  /**
   * The session to take over: the property `session` of another client, for example of the same program before a
   * restart.
   */
  readonly session?: { readonly id: bigint; readonly password: Uint8Array };
  /**
   * If true, the client opens a new session when its session has expired. Requests without a reply fail with
   * `SESSIONEXPIRED` then, and the ephemeral nodes are lost. Watches stay and miss nothing. If false, the default, the
   * client cannot be used after its session has expired.
   */
  readonly renewSession?: boolean;
  /** Identities that the client sends on every connection, before any request. */
  readonly auth?: readonly Credentials[];
  /** Options of `tls.connect`, or true for TLS with Node's certificate authorities. Default: no TLS. */
  readonly tls?: ConnectionOptions | true;
  /**
   * The delay before each attempt to connect after the first, in milliseconds. The delay is drawn at random between 0
   * and a bound. The bound is `base` at first, and doubles with each round through the servers, up to `max`. Defaults:
   * `base` 100, `max` 2000.
   */
  readonly reconnectDelayMs?: { readonly base: number; readonly max: number };
  /**
   * The limit for the size of a request in bytes. A larger request fails with `BADARGUMENTS` before it is sent. Default
   * 1,048,575, the default of the server option `jute.maxbuffer`.
   */
  readonly requestSizeMax?: number;
  /**
   * The limit for the size of a reply in bytes. The client leaves a server that announces a larger reply. Default 128
   * MiB.
   */
  readonly replySizeMax?: number;
  /** If true, the client tries the servers in random order. Default true. */
  readonly shuffle?: boolean;
  /**
   * If true, the client registers its one-shot watches again on the next server after a lost connection. Default true.
   */
  readonly autoWatchReset?: boolean;
  /**
   * The clock, the random numbers and the network of the client. Default: those of this process. A test can give the
   * client a clock that the test moves, and connections in memory.
   */
  readonly ports?: Ports;
}

/** Options of `connect`. */
export interface ConnectOptions extends ClientOptions {
  /** If this signal is aborted before the client has a session, `connect` rejects with `ABORTED`. */
  readonly signal?: AbortSignal;
}

interface ResolvedOptions {
  readonly session: SessionOptions;
  readonly chroot: string;
  readonly auth: readonly Credentials[];
  readonly tls: ConnectionOptions | undefined;
  readonly ports: Ports | undefined;
  readonly requestTimeoutMs: number;
}

const intMax = 0x7fffffff;

const isBytesOrText = (value: unknown) => typeof value === 'string' || value instanceof Uint8Array;
/** The check of `Credentials.auth`, and of the argument `auth` of `addAuth`. */
export const someAuth: Check = secret('a string or a Uint8Array', isBytesOrText);
const credentials = anObjectWith({ scheme: aString, auth: someAuth });
const password = secret('a Uint8Array', (value) => value instanceof Uint8Array);
const isTlsOptions = (value: unknown) => value === true || (typeof value === 'object' && value !== null);

const scheduler = withMethods('a clock with timers', 'monotonicMs', 'nextTurn', 'after');

const reconnectDelay = { base: aNumber(0, intMax), max: aNumber(0, intMax) };

const checks: Checks<ClientOptions> = {
  sessionTimeoutMs: aNumber(1, intMax),
  connectTimeoutMs: aTimeMs,
  requestTimeoutMs: aTimeMs,
  readOnly: aBoolean,
  session: anObjectWith({ id: int64, password }),
  renewSession: aBoolean,
  auth: listOf(credentials),
  tls: must('true or an object, the options of tls.connect', isTlsOptions),
  reconnectDelayMs: anOptionsObject(optionTable(reconnectDelay)),
  requestSizeMax: aNumber(64, intMax),
  replySizeMax: aNumber(64, intMax),
  shuffle: aBoolean,
  autoWatchReset: aBoolean,
  ports: anObjectWith({ scheduler, random: aFunction, dial: aFunction }),
};
const constructing = { op: 'connect', options: optionTable<ClientOptions>(checks) };
/** The call `connect`. Its options are the options of the constructor, and `signal`. */
export const connecting: Call = {
  op: 'connect',
  options: optionTable<ConnectOptions>({ ...checks, signal: aSignal }),
};

/**
 * Parses the connect string, and fills in the defaults of options. Throws a `ZooKeeperError` that names the invalid
 * argument or option.
 */
export function resolveOptions(connectString: string, options: ClientOptions): ResolvedOptions {
  const { servers, chroot } = parsed(constructing, connectString);
  checkOptions(constructing, undefined, options);
  if (options.ports !== undefined && options.tls !== undefined) {
    throw badArgument(constructing.op, undefined, 'options.tls and options.ports cannot be combined: the ports dial');
  }
  const { base = 100, max = 2000 } = options.reconnectDelayMs ?? {};
  return {
    session: {
      servers,
      shuffle: options.shuffle ?? true,
      sessionTimeoutMs: options.sessionTimeoutMs ?? 30_000,
      reconnectDelay: { base, max },
      readOnly: options.readOnly ?? false,
      renewSession: options.renewSession ?? false,
      sessionId: options.session?.id ?? 0n,
      password: Buffer.from(options.session?.password ?? []),
      requestBytesMax: options.requestSizeMax ?? 0xfffff,
      replyBytesMax: options.replySizeMax ?? 128 * 1024 * 1024,
      autoWatchReset: options.autoWatchReset ?? true,
      lastXid: options.session === undefined ? 0 : randomXid(options.ports?.random ?? Math.random),
    },
    chroot,
    auth: options.auth ?? [],
    tls: options.tls === undefined ? undefined : checkedTls(options.tls),
    ports: options.ports,
    requestTimeoutMs: options.requestTimeoutMs ?? 0,
  };
}

/**
 * Returns a random `lastXid` for a client that takes a session over. A server may still carry out requests of the
 * session's previous client. The server uses the xid to find the request that belongs to a committed transaction. So
 * the xids of the two clients must differ (docs/decisions/0009).
 */
function randomXid(random: Random): number {
  return Math.floor(random() * intMax);
}

/**
 * Returns the options, and throws for unreadable keys and certificates. Otherwise, Node would report them only at each
 * attempt to connect.
 */
function checkedTls(tls: ConnectionOptions | true): ConnectionOptions {
  if (tls === true) return {};
  try {
    createSecureContext(tls);
    return tls;
  } catch (cause) {
    throw badArgument(constructing.op, undefined, `options.tls is invalid: ${(cause as Error).message}`);
  }
}

/**
 * Returns the servers of a new connect string. The string may repeat the chroot of the client, but cannot change it.
 */
export function serversOf(connectString: string, chroot: string): readonly ServerAddress[] {
  const next = parsed(calls.updateServers, connectString);
  if (next.chroot === '' || next.chroot === chroot) return next.servers;
  const detail = `the chroot of a client cannot change: it is "${chroot}", got "${next.chroot}"`;
  throw badArgument(calls.updateServers.op, undefined, detail);
}

function parsed(call: Call, connectString: string): ConnectString {
  checkArgument(call, undefined, 'connect string', aString, connectString);
  try {
    return parseConnectString(connectString);
  } catch (error) {
    throw badArgument(call.op, undefined, (error as Error).message);
  }
}
