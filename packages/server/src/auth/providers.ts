import { createHash } from 'node:crypto';
import { ErrorCode, type Id } from '@nodekeeper/protocol';
import { parseNetwork } from './ip-network.js';

/** What an authentication adds to a client, or the code of its failure. */
export interface AuthOutcome {
  readonly code: number;
  readonly ids: readonly Id[];
  /** The client gets no answer and is hung up on, so that it tries another server. */
  readonly hangsUp?: boolean;
}

/** The authentication of one client by one scheme, which may take several messages. */
export interface AuthExchange {
  /**
   * Takes the client's next message, which is good during the call. `done` is called once, at once or later; until then
   * nothing more is read from the client.
   */
  take(message: Buffer | null, done: (outcome: AuthOutcome) => void): void;
}

/** A scheme of ids (inventory 2.2). */
export interface AuthProvider {
  /** Called for the first message of this scheme from a client. */
  begin(remoteAddress: string): AuthExchange;
  /** Is an id of this scheme proof of who the client is (so that `auth` in an ACL stands for it)? */
  readonly isAuthenticated: boolean;
  /** May the id stand in an ACL? */
  isValid(id: string): boolean;
  /** How the id of an ACL is compared with a client's. */
  readonly comparison: 'equality' | 'network' | 'never';
  /** What whoAmI calls the id. */
  userName(id: string): string;
}

interface AuthOptions {
  readonly digestAuthEnabled: boolean;
  /** `super:<hash>`, or null for no super user. */
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

const nobody: Counter = { add() {} };
const uncounted: EnsembleAuthCounters = {
  ensembleAuthSuccess: nobody,
  ensembleAuthSkip: nobody,
  ensembleAuthFail: nobody,
};

const accepted: AuthOutcome = { code: ErrorCode.OK, ids: [] };
const failed: AuthOutcome = { code: ErrorCode.AUTHFAILED, ids: [] };

/** The providers of a server, by scheme. `world` and `auth` are no providers: ACL checks know them. */
export function authProviders(
  options: AuthOptions,
  counters: EnsembleAuthCounters = uncounted,
): ReadonlyMap<string, AuthProvider> {
  const providers = new Map<string, AuthProvider>([['ip', ipProvider]]);
  if (options.digestAuthEnabled) providers.set('digest', digestProvider(options));
  providers.set('ensemble', ensembleProvider(options.ensembleAuthNames, counters));
  return providers;
}

/** For schemes that decide on each message by itself, at once. */
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

/** Java's split on ':' drops empty parts at the end and must give two: `u:` is no id, `:hash` is one. */
function isDigestId(id: string): boolean {
  let end = id.length;
  while (end > 0 && id.charCodeAt(end - 1) === colon) end--;
  const first = id.indexOf(':');
  return first >= 0 && first < end && id.lastIndexOf(':', end - 1) === first;
}

const colon = 58;

/** `user:base64(hash("user:password"))` for `user:password`; the hash is of the whole, colon or not. */
export function digestId(userAndPassword: string, algorithm: string): string {
  const hash = createHash(algorithm).update(userAndPassword, 'utf8').digest('base64');
  return `${userOf(userAndPassword)}:${hash}`;
}

function userOf(text: string): string {
  const end = text.indexOf(':');
  return end < 0 ? text : text.slice(0, end);
}

/** Lets a client make sure that it talks to the ensemble it means (inventory 2.2.7). */
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
