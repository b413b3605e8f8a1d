import { ZooKeeperError } from '@nodekeeper/client';
import { ErrorCode, errorText } from '@nodekeeper/protocol';
import { Failure } from './failure.js';

type Sentence = (path: string | null) => string;

/**
 * The sentences that ZooKeeper's shell prints for errors from the server. For an error without a sentence, the shell
 * prints the code.
 */
const sentences = {
  NONODE: (path) => `Node does not exist: ${path}`,
  NOCHILDRENFOREPHEMERALS: (path) => `Ephemerals cannot have children: ${path}`,
  NODEEXISTS: (path) => `Node already exists: ${path}`,
  NOTEMPTY: (path) => `Node not empty: ${path}`,
  NOTREADONLY: (path) => `Not a read-only call: ${path}`,
  INVALIDACL: (path) => `Acl is not valid : ${path}`,
  NOAUTH: (path) => `Insufficient permission : ${path}`,
  BADARGUMENTS: (path) => `Arguments are not valid : ${path}`,
  BADVERSION: (path) => `version No is not valid : ${path}`,
  RECONFIGINPROGRESS: () => 'Another reconfiguration is in progress -- concurrent reconfigs not supported (yet)',
  NEWCONFIGNOQUORUM: () =>
    'No quorum of new config is connected and up-to-date with the leader of last commmitted config - try invoking ' +
    'reconfiguration after new servers are connected and synced',
  QUOTAEXCEEDED: (path) => `Quota has exceeded : ${path}`,
} satisfies Record<string, Sentence>;
const sentenceByCode: Readonly<Record<string, Sentence>> = sentences;

/** The sentence that the shell prints for the error `name` at `path`. */
export function errorSentence(name: 'NONODE' | 'INVALIDACL', path: string | null): string {
  return sentences[name](path);
}

/** Converts any error to the failure that the shell prints. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (ZooKeeperError.is(error)) return serverFailure(error);
  return new Failure(error instanceof Error ? error.message : String(error));
}

/** Converts an error of the client or the server to the failure that the shell prints. */
export function serverFailure(error: ZooKeeperError, path: string | null = error.path ?? null): Failure {
  const details = { code: error.code, ...(path === null ? {} : { path }), outcome: error.outcome };
  const message = ownMessage(error) ?? sentenceByCode[error.code]?.(path) ?? codeText(error.number, path);
  return new Failure(message, 1, details);
}

/**
 * Returns the message of an error that nodekeeper's client raised itself, because that message is more precise than the
 * code. Returns undefined for an error from the server.
 */
function ownMessage({ number, code, outcome, message }: ZooKeeperError): string | undefined {
  const isOwn = number === 0 || (code === 'BADARGUMENTS' && outcome === 'not-sent');
  return isOwn ? message.replaceAll(/^connect: | \([A-Z_]+; it was not sent\)$/g, '') : undefined;
}

/** The message of ZooKeeper's exception, for example `KeeperErrorCode = NoNode for /a`. */
export function codeText(code: number, path: string | null): string {
  return `KeeperErrorCode = ${errorText(code)}${path === null || path === '' ? '' : ` for ${path}`}`;
}

/** The failure of a request because no server could be reached. */
export function connectionLoss(path: string | undefined): Failure {
  return new Failure(codeText(ErrorCode.CONNECTIONLOSS, path ?? null), 1, { code: 'CONNECTIONLOSS', path });
}
