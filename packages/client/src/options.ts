import type { ConnectionOptions } from 'node:tls';
import { type ConnectString, parseConnectString } from './core/connect-string.js';
import type { ServerAddress } from './core/ports.js';
import type { SessionOptions } from './core/session-types.js';
import { ZooKeeperError } from './errors.js';

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
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

const intMax = 0x7fffffff;

/** Fills in the defaults; throws a `ZooKeeperError` that names the option that is wrong. */
export function resolveOptions(connectString: string, options: ClientOptions): ResolvedOptions {
  const { servers, chroot } = parsed(connectString);
  const { base = 100, max = 2000 } = options.reconnectDelayMs ?? {};
  return {
    session: {
      servers,
      shuffle: options.shuffle ?? true,
      sessionTimeoutMs: inRange('sessionTimeoutMs', options.sessionTimeoutMs ?? 30_000, 1, intMax),
      reconnectDelay: {
        base: inRange('reconnectDelayMs.base', base, 0, intMax),
        max: inRange('reconnectDelayMs.max', max, 0, intMax),
      },
      readOnly: options.readOnly ?? false,
      sessionId: options.session?.id ?? 0n,
      password: Buffer.from(options.session?.password ?? []),
      requestBytesMax: inRange('requestSizeMax', options.requestSizeMax ?? 0xfffff, 64, intMax),
      replyBytesMax: inRange('replySizeMax', options.replySizeMax ?? 128 * 1024 * 1024, 64, intMax),
      autoWatchReset: options.autoWatchReset ?? true,
      lastXid: 0,
    },
    chroot,
    auth: options.auth ?? [],
    tls: options.tls === true ? {} : options.tls,
    connectTimeoutMs: inRange('connectTimeoutMs', options.connectTimeoutMs ?? 30_000, 0, intMax),
    requestTimeoutMs: inRange('requestTimeoutMs', options.requestTimeoutMs ?? 0, 0, intMax),
  };
}

/** The servers of a new connect string, which may repeat the chroot but not change it. */
export function serversOf(connectString: string, chroot: string): readonly ServerAddress[] {
  const next = parsed(connectString);
  if (next.chroot === '' || next.chroot === chroot) return next.servers;
  throw refused(`the chroot of a client cannot change, here from "${chroot}" to "${next.chroot}"`);
}

function parsed(connectString: string): ConnectString {
  try {
    return parseConnectString(connectString);
  } catch (error) {
    throw refused((error as Error).message);
  }
}

function inRange(name: string, value: number, least: number, most: number): number {
  if (Number.isFinite(value) && value >= least && value <= most) return value;
  throw refused(`option ${name} is ${value}; it must be a number from ${least} to ${most}`);
}

function refused(detail: string): ZooKeeperError {
  return new ZooKeeperError({ code: 'BADARGUMENTS', outcome: 'not-sent', detail }, 'connect');
}
