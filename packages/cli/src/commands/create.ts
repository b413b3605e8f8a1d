import { type CreateMode, OPEN_ACL, ZooKeeperError } from '@nodekeeper/client';
import { ErrorCode } from '@nodekeeper/protocol';
import { codeText, failureOf } from '../error-text.js';
import { Failure } from '../failure.js';
import { parseAcl } from '../parse/acl.js';
import { parseInt64 } from '../parse/numbers.js';
import type { Call, Command } from './command.js';

const ttlMaxMs = 0xff_ffff_ffffn;

export const create: Command = {
  name: 'create',
  usage: '[-s] [-e] [-c] [-t ttl] path [data] [acl]',
  summary: 'create a node',
  options: {
    rows: [
      { name: 'e', text: 'ephemeral' },
      { name: 's', text: 'sequential' },
      { name: 'c', text: 'container' },
      { name: 't', takesValue: true, text: 'ttl' },
    ],
  },
  words: [1],
  async run(call) {
    const { zk, output, words } = call;
    const path = call.word(0);
    const [, data = null, aclText] = words;
    const ttlMs = readTtl(call);
    const mode = createMode(call);
    const acl = aclText === undefined ? OPEN_ACL : parseAcl(aclText, (text) => output.remark(text, 'stderr'));
    try {
      const created = await zk.create(path, data, { mode, acl, ...(ttlMs === undefined ? {} : { ttlMs }) });
      output.result(`Created ${created.path}`, { path: created.path }, 'stderr');
    } catch (error) {
      const hint = hintAt(error, path);
      if (hint !== undefined) output.remark(hint, 'stderr');
      throw error;
    }
  },
};

/** Returns the line that ZooKeeper's shell prints before the message of this error, or undefined if it prints none. */
function hintAt(error: unknown, path: string): string | undefined {
  const { code } = failureOf(error).details;
  if (code === 'EPHEMERALONLOCALSESSION') return 'Unable to create ephemeral node on a local session';
  // Only an INVALIDACL error from the server has a path. ZooKeeper's Java client rejects an empty ACL before it sends
  // the request, without naming the path.
  if (code === 'INVALIDACL') return codeText(ErrorCode.INVALIDACL, ZooKeeperError.is(error) ? path : null);
  return undefined;
}

function createMode({ has }: Call): CreateMode {
  if (has('c')) return 'CONTAINER';
  if (has('e')) return has('s') ? 'EPHEMERAL_SEQUENTIAL' : 'EPHEMERAL';
  if (has('s')) return has('t') ? 'PERSISTENT_SEQUENTIAL_WITH_TTL' : 'PERSISTENT_SEQUENTIAL';
  return has('t') ? 'PERSISTENT_WITH_TTL' : 'PERSISTENT';
}

/**
 * Reads the option -t. Checks the options in the order of ZooKeeper's shell, so that both shells report the same error
 * if there are several.
 */
function readTtl({ has, value }: Call): number | undefined {
  if (has('c') && (has('e') || has('s'))) {
    throw new Failure('-c cannot be combined with -s or -e. Containers cannot be ephemeral or sequential.');
  }
  const text = value('t');
  const ttlMs = text === undefined ? undefined : parseTtl(text);
  if (ttlMs === undefined) return undefined;
  if (has('e')) throw new Failure('TTLs cannot be used with Ephemeral znodes');
  if (has('c')) throw new Failure('TTLs cannot be used with Container znodes');
  if (ttlMs > ttlMaxMs || ttlMs <= 0n) {
    throw new Failure(`ttl must be positive and cannot be larger than: ${ttlMaxMs}`);
  }
  return Number(ttlMs);
}

function parseTtl(text: string): bigint {
  try {
    return parseInt64(text);
  } catch {
    throw new Failure('-t argument must be a long value');
  }
}
