import { createHash } from 'node:crypto';
import { ErrorCode, type Id } from '@nodekeeper/protocol';
import { parseNetwork } from './ip-address.js';

/** What an authentication adds to a connection, or the code of its failure. */
export interface AuthOutcome {
  readonly code: number;
  readonly ids: readonly Id[];
}

/** A scheme of ids (inventory 2.2). */
export interface AuthProvider {
  /** Checks what came in an auth packet. */
  authenticate(data: Buffer | null, remoteAddress: string): AuthOutcome;
  /** Is an id of this scheme proof of who the client is (so that `auth` in an ACL stands for it)? */
  readonly isAuthenticated: boolean;
  /** May the id stand in an ACL? */
  isValid(id: string): boolean;
  /** How the id of an ACL is compared with a client's. */
  readonly comparison: 'equality' | 'network' | 'never';
  /** What whoAmI calls the id. */
  userName(id: string): string;
}

export interface AuthOptions {
  readonly digestAuthEnabled: boolean;
  /** `super:<hash>`, or null for no super user. */
  readonly digestAuthSuperDigest: string | null;
  readonly digestAuthAlgorithm: string;
  readonly ensembleAuthNames: readonly string[];
}

const failed: AuthOutcome = { code: ErrorCode.AUTHFAILED, ids: [] };

/** The providers of a server, by scheme. `world` and `auth` are no providers: ACL checks know them. */
export function authProviders(options: AuthOptions): ReadonlyMap<string, AuthProvider> {
  const providers = new Map<string, AuthProvider>([['ip', ipProvider]]);
  if (options.digestAuthEnabled) providers.set('digest', digestProvider(options));
  if (options.ensembleAuthNames.length > 0) providers.set('ensemble', ensembleProvider(options.ensembleAuthNames));
  return providers;
}

const ipProvider: AuthProvider = {
  authenticate: (_data, remoteAddress) => ({ code: ErrorCode.OK, ids: [{ scheme: 'ip', id: remoteAddress }] }),
  isAuthenticated: false,
  isValid: (id) => parseNetwork(id) !== undefined,
  comparison: 'network',
  userName: (id) => id,
};

function digestProvider(options: AuthOptions): AuthProvider {
  return {
    authenticate(data) {
      if (data === null) return failed;
      const id = digestId(data.toString('utf8'), options.digestAuthAlgorithm);
      const ids: Id[] = id === options.digestAuthSuperDigest ? [{ scheme: 'super', id: '' }] : [];
      return { code: ErrorCode.OK, ids: [...ids, { scheme: 'digest', id }] };
    },
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
function ensembleProvider(names: readonly string[]): AuthProvider {
  return {
    authenticate(data) {
      if (data === null || data.length === 0) return { code: ErrorCode.OK, ids: [] };
      const known = names.includes(data.toString('utf8'));
      return { code: known ? ErrorCode.OK : ErrorCode.BADARGUMENTS, ids: [] };
    },
    isAuthenticated: false,
    isValid: () => false,
    comparison: 'never',
    userName: (id) => id,
  };
}
