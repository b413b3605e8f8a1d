import { readFileSync } from 'node:fs';
import { Failure } from '../failure.js';
import { formatStat, statAsJson } from '../format/stat.js';
import { parseInt64 } from '../parse/numbers.js';
import { parseProperties } from '../parse/properties.js';
import type { Call, Command } from './command.js';
import { usageFailure } from './read-call.js';

export const reconfig: Command = {
  name: 'reconfig',
  usage:
    '[-s] [-v version] [[-file path] | [-members serverID=host:port1:port2;port3[,...]*]] | ' +
    '[-add serverId=host:port1:port2;port3[,...]]* [-remove serverId[,...]*]',
  summary: 'change the servers of the ensemble',
  options: {
    rows: [
      { name: 's', text: 'stats' },
      { name: 'v', takesValue: true, text: 'required current config version' },
      { name: 'file', takesValue: true, text: 'path of config file to parse for membership' },
      {
        name: 'members',
        takesValue: true,
        text: 'comma-separated list of config strings for non-incremental reconfig',
      },
      { name: 'add', takesValue: true, text: 'comma-separated list of config strings for new servers' },
      { name: 'remove', takesValue: true, text: 'comma-separated list of server IDs to remove' },
    ],
  },
  async run(call) {
    const { config, stat } = await call.zk.reconfig(readChange(call));
    const text = `Committed new configuration:\n${config}`;
    if (call.has('s')) call.output.result(`${text}\n${formatStat(stat)}`, { config, stat: statAsJson(stat) });
    else call.output.result(text, { config });
  },
};

interface Change {
  joining?: string;
  leaving?: string;
  members?: string;
  fromConfig?: bigint;
}

function readChange({ has, value }: Call): Change {
  const isWhole = has('file') || has('members');
  const isIncremental = has('add') || has('remove');
  if (!isWhole && !isIncremental) throw usageFailure(reconfig);
  const fromConfig = readVersion(value('v'));
  if (isWhole && isIncremental) {
    throw new Failure(
      "Can't use -file or -members together with -add or -remove " +
        '(mixing incremental and non-incremental modes is not allowed)',
    );
  }
  if (has('file') && has('members')) {
    throw new Failure("Can't use -file and -members together (conflicting non-incremental modes)");
  }
  const file = value('file');
  const members = file === undefined ? value('members')?.toLowerCase() : readMembers(file);
  const given = { joining: value('add')?.toLowerCase(), leaving: value('remove')?.toLowerCase(), members, fromConfig };
  return Object.fromEntries(Object.entries(given).filter(([, part]) => part !== undefined));
}

function readVersion(text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  try {
    return parseInt64(text, 16);
  } catch {
    throw new Failure('-v must be followed by a long (configuration version)');
  }
}

const memberKey = /^(server|group|weight)\.\d+$/;

/**
 * Reads the members from a dynamic configuration file. Only the keys are checked here; the server checks each member.
 */
function readMembers(path: string): string {
  const properties = parseProperties(readText(path));
  const foreign = [...properties.keys()].find((key) => !memberKey.test(key) && key !== 'version');
  if (foreign !== undefined) throw new Failure(`Error processing ${path}Unrecognised parameter: ${foreign}`);
  return [...properties].map(([key, value]) => `${key}=${value}\n`).join('');
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Failure(`Error processing ${path}${path} (${reasonOf(error as NodeJS.ErrnoException)})`);
  }
}

function reasonOf(error: NodeJS.ErrnoException): string {
  const reasons: Record<string, string> = {
    ENOENT: 'No such file or directory',
    EACCES: 'Permission denied',
    EISDIR: 'Is a directory',
  };
  return reasons[error.code ?? ''] ?? error.message;
}
