import { type ConnectionOptions, createSecureContext } from 'node:tls';
import { type Call, calls, checkArgument, checkOptions } from './calls.js';
import {
  aBoolean,
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
} from './checks.js';
import { type ConnectString, parseConnectString } from './core/connect-string.js';
import type { ServerAddress } from './core/ports.js';
import type { SessionOptions } from './core/session-types.js';
import { badArgument } from './errors.js';

/** Who a client is, such as `{ scheme: 'digest', auth: 'user:password' }`. */
export interface Credentials {
  /** `digest`, or what else the server knows. */
  readonly scheme: string;
  /** Text is sent as UTF-8. */
  readonly auth: string | Uint8Array;
}

/** How a client connects. Everything has a default. */
export interface ClientOptions {
  /** Asked for; the server grants 2 to 20 of its ticks, see `ZooKeeper.session`. Default 30,000. */
  readonly sessionTimeoutMs?: number;
  /** How long `connect` tries to get a first session; 0: for ever. Default 30,000. */
  readonly connectTimeoutMs?: number;
  /** How long a request may take that has no `timeoutMs` of its own; 0, the default: as long as the session lives. */
  readonly requestTimeoutMs?: number;
  /** Be content with a read-only server, and move to one that serves writes when there is one. */
  readonly readOnly?: boolean;
  /** Take over a session: the `session` of another client, or of this one before a restart. */
  readonly session?: { readonly id: bigint; readonly password: Uint8Array };
  /** Sent on every connection before anything else. */
  readonly auth?: readonly Credentials[];
  /** Secures connections: options of `tls.connect`, or true for the system's trust store. */
  readonly tls?: ConnectionOptions | true;
  /** Before each attempt to connect but the first, in ms: a random part of `base`, doubled with each round through the servers up to `max`. Default 100 and 2000. */
  readonly reconnectDelayMs?: { readonly base: number; readonly max: number };
  /** In bytes; a larger request is refused with `BADARGUMENTS` before it is sent. Default 1,048,575: the server's `jute.maxbuffer`. */
  readonly requestSizeMax?: number;
  /** In bytes; a server that announces a larger reply is taken to talk nonsense. Default 128 MiB. */
  readonly replySizeMax?: number;
  /** Try the servers in random order. Default true. */
  readonly shuffle?: boolean;
  /** Register one-shot watches again on the next server when a connection is lost. Default true. */
  readonly autoWatchReset?: boolean;
}

/** How `connect` goes about it. */
export interface ConnectOptions extends ClientOptions {
  /** Gives up when it is aborted before there is a session. */
  readonly signal?: AbortSignal;
}

export interface ResolvedOptions {
  readonly session: SessionOptions;
  readonly chroot: string;
  readonly auth: readonly Credentials[];
  readonly tls: ConnectionOptions | undefined;
  readonly requestTimeoutMs: number;
}

const intMax = 0x7fffffff;

const isBytesOrText = (value: unknown) => typeof value === 'string' || value instanceof Uint8Array;
/** Also of `addAuth`. */
export const someAuth: Check = secret('a string or a Uint8Array', isBytesOrText);
const credentials = anObjectWith({ scheme: aString, auth: someAuth });
const password = secret('a Uint8Array', (value) => value instanceof Uint8Array);
const isTlsOptions = (value: unknown) => value === true || (typeof value === 'object' && value !== null);

const reconnectDelay = { base: aNumber(0, intMax), max: aNumber(0, intMax) };

const checks: Checks<ClientOptions> = {
  sessionTimeoutMs: aNumber(1, intMax),
  connectTimeoutMs: aTimeMs,
  requestTimeoutMs: aTimeMs,
  readOnly: aBoolean,
  session: anObjectWith({ id: int64, password }),
  auth: listOf(credentials),
  tls: must('true or an object, the options of tls.connect', isTlsOptions),
  reconnectDelayMs: anOptionsObject(optionTable(reconnectDelay)),
  requestSizeMax: aNumber(64, intMax),
  replySizeMax: aNumber(64, intMax),
  shuffle: aBoolean,
  autoWatchReset: aBoolean,
};
const constructing = { op: 'connect', options: optionTable<ClientOptions>(checks) };
/** What `connect` can be given: one option more than the constructor. */
export const connecting: Call = {
  op: 'connect',
  options: optionTable<ConnectOptions>({ ...checks, signal: aSignal }),
};

/** Fills in the defaults; throws a `ZooKeeperError` that names the argument or option that is wrong. */
export function resolveOptions(connectString: string, options: ClientOptions): ResolvedOptions {
  const { servers, chroot } = parsed(constructing, connectString);
  checkOptions(constructing, undefined, options);
  const { base = 100, max = 2000 } = options.reconnectDelayMs ?? {};
  return {
    session: {
      servers,
      shuffle: options.shuffle ?? true,
      sessionTimeoutMs: options.sessionTimeoutMs ?? 30_000,
      reconnectDelay: { base, max },
      readOnly: options.readOnly ?? false,
      sessionId: options.session?.id ?? 0n,
      password: Buffer.from(options.session?.password ?? []),
      requestBytesMax: options.requestSizeMax ?? 0xfffff,
      replyBytesMax: options.replySizeMax ?? 128 * 1024 * 1024,
      autoWatchReset: options.autoWatchReset ?? true,
      lastXid: options.session === undefined ? 0 : randomXid(),
    },
    chroot,
    auth: options.auth ?? [],
    tls: options.tls === undefined ? undefined : checkedTls(options.tls),
    requestTimeoutMs: options.requestTimeoutMs ?? 0,
  };
}

/**
 * The server may still carry out requests of the session's earlier client. A server finds the request of a committed
 * transaction by its number, so the numbers of the two clients must differ (docs/decisions/0009).
 */
function randomXid(): number {
  return Math.floor(Math.random() * intMax);
}

/** Keys and certificates that cannot be read are found now, and not at each attempt to connect. */
function checkedTls(tls: ConnectionOptions | true): ConnectionOptions {
  if (tls === true) return {};
  try {
    createSecureContext(tls);
    return tls;
  } catch (cause) {
    throw badArgument(constructing.op, undefined, `options.tls cannot be used: ${(cause as Error).message}`);
  }
}

/** The servers of a new connect string, which may repeat the chroot but not change it. */
export function serversOf(connectString: string, chroot: string): readonly ServerAddress[] {
  const next = parsed(calls.updateServers, connectString);
  if (next.chroot === '' || next.chroot === chroot) return next.servers;
  const detail = `the chroot of a client cannot change, here from "${chroot}" to "${next.chroot}"`;
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
