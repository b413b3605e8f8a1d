import { createHash } from 'node:crypto';
import { ErrorCode, type Id } from '@nodekeeper/protocol';
import { parseNetwork } from './ip-network.js';

/** The outcome of an authentication: an error code, and the ids that the client gains. */
export interface AuthOutcome {
  readonly code: number;
  readonly ids: readonly Id[];
  /** True if the connection must be closed without a reply, so that the client tries another server. */
  readonly hangsUp?: boolean;
}

/** The authentication of one client by one scheme. The client may have to send several messages. */
export interface AuthExchange {
  /**
   * Handles the client's next message, whose bytes are valid only during the call. Calls `done` once, during the call
   * or later. The server reads nothing more from the client until `done` is called.
   */
  take(message: Buffer | null, done: (outcome: AuthOutcome) => void): void;
}

/** Implements one authentication scheme (spec 2.2). */
export interface AuthProvider {
  /** Starts an exchange when a client sends its first message of this scheme. */
  begin(remoteAddress: string): AuthExchange;
  /**
   * True if an id of this scheme proves the client's identity. Only such ids replace an ACL entry of the scheme `auth`.
   */
  readonly isAuthenticated: boolean;
  /** True if the id is valid in an ACL. */
  isValid(id: string): boolean;
  /** How the id in an ACL is compared with a client's id. */
  readonly comparison: 'equality' | 'network' | 'never';
  /** The user name that whoAmI reports for the id. */
  userName(id: string): string;
}

interface AuthOptions {
  readonly digestAuthEnabled: boolean;
  /** The super user's digest, `super:<hash>`; null if there is no super user. */
  readonly digestAuthSuperDigest: string | null;
  readonly digestAuthAlgorithm: string;
  readonly ensembleAuthNames: readonly string[];
}

interface Counter {
  add(count: number): void;
}

interface EnsembleAuthCounters {
  readonly ensembleAuthSuccess: Counter;
  readonly ensembleAuthSkip: Counter;
  readonly ensembleAuthFail: Counter;
}

const noCounter: Counter = { add() {} };
const uncounted: EnsembleAuthCounters = {
  ensembleAuthSuccess: noCounter,
  ensembleAuthSkip: noCounter,
  ensembleAuthFail: noCounter,
};

const accepted: AuthOutcome = { code: ErrorCode.OK, ids: [] };
const failed: AuthOutcome = { code: ErrorCode.AUTHFAILED, ids: [] };

/**
 * Returns the providers of a server by scheme. `world` and `auth` have no provider, because `Access` handles these
 * schemes itself.
 */
export function authProviders(
  options: AuthOptions,
  counters: EnsembleAuthCounters = uncounted,
): ReadonlyMap<string, AuthProvider> {
  const providers = new Map<string, AuthProvider>([['ip', ipProvider]]);
  if (options.digestAuthEnabled) providers.set('digest', digestProvider(options));
  providers.set('ensemble', ensembleProvider(options.ensembleAuthNames, counters));
  return providers;
}

/** Implements `begin` for a scheme that decides about each message at once, without regard to earlier messages. */
function stateless(authenticate: (data: Buffer | null, remoteAddress: string) => AuthOutcome): AuthProvider['begin'] {
  return (remoteAddress) => ({ take: (message, done) => done(authenticate(message, remoteAddress)) });
}

const ipProvider: AuthProvider = {
  begin: stateless((_data, remoteAddress) => ({ code: ErrorCode.OK, ids: [{ scheme: 'ip', id: remoteAddress }] })),
  isAuthenticated: false,
  isValid: (id) => parseNetwork(id) !== undefined,
  comparison: 'network',
  userName: (id) => id,
};

function digestProvider(options: AuthOptions): AuthProvider {
  return {
    begin: stateless((data) => {
      if (data === null) return failed;
      const id = digestId(data.toString('utf8'), options.digestAuthAlgorithm);
      const ids: Id[] = id === options.digestAuthSuperDigest ? [{ scheme: 'super', id: '' }] : [];
      return { code: ErrorCode.OK, ids: [...ids, { scheme: 'digest', id }] };
    }),
    isAuthenticated: true,
    isValid: isDigestId,
    comparison: 'equality',
    userName: userOf,
  };
}

/**
 * True if Java's `split(":")` yields exactly two parts, as ZooKeeper requires. Java drops empty parts at the end, but
 * not at the start. Therefore `u:` is invalid and `:hash` is valid.
 */
function isDigestId(id: string): boolean {
  let end = id.length;
  while (end > 0 && id.charCodeAt(end - 1) === colon) end--;
  const first = id.indexOf(':');
  return first >= 0 && first < end && id.lastIndexOf(':', end - 1) === first;
}

const colon = 58;

/**
 * Returns `user:base64(hash("user:password"))` for `user:password`. The hash covers the whole text, even if the text
 * contains no colon.
 */
export function digestId(userAndPassword: string, algorithm: string): string {
  const hash = createHash(algorithm).update(userAndPassword, 'utf8').digest('base64');
  return `${userOf(userAndPassword)}:${hash}`;
}

function userOf(text: string): string {
  const end = text.indexOf(':');
  return end < 0 ? text : text.slice(0, end);
}

/** The scheme `ensemble`, with which a client verifies that it is connected to the intended ensemble (spec 2.2.7). */
function ensembleProvider(names: readonly string[], counters: EnsembleAuthCounters): AuthProvider {
  return {
    begin: stateless((data) => {
      const isSkipped = names.length === 0 || data === null || data.length === 0;
      const isKnown = isSkipped || names.includes(data.toString('utf8'));
      if (isSkipped) counters.ensembleAuthSkip.add(1);
      else if (isKnown) counters.ensembleAuthSuccess.add(1);
      else counters.ensembleAuthFail.add(1);
      return isKnown ? accepted : { code: ErrorCode.BADARGUMENTS, ids: [], hangsUp: true };
    }),
    isAuthenticated: false,
    isValid: () => false,
    comparison: 'never',
    userName: (id) => id,
  };
}
