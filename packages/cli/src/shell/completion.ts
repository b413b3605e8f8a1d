import { commands, findCommand } from '../commands/table.js';
import { visible } from '../format/visible.js';
import { childPath } from '../requests.js';
import type { Connection } from './connection.js';

/** The time limit of a completion. A suggestion that arrives later is of no use. */
const patienceMs = 2000;

/** Completes the last word of a line to a command's name, an option, or the path of an existing node. */
export async function complete(line: string, connection: Connection): Promise<[hits: string[], word: string]> {
  const words = line.trimStart().split(/\s+/);
  const word = words.at(-1)!;
  const [name = ''] = words;
  if (words.length === 1 || (name === 'help' && words.length === 2)) return [withPrefix(commandNames(), word), word];
  if (word.startsWith('/')) return [await completePath(word, connection), word];
  if (word.startsWith('-')) return [withPrefix(optionNames(name), word), word];
  return [[], word];
}

const commandNames = () => commands.map(({ name }) => name);
const optionNames = (command: string) => findCommand(command)?.options?.rows.map(({ name }) => `-${name}`) ?? [];

function withPrefix(candidates: readonly string[], prefix: string): string[] {
  return candidates.filter((candidate) => candidate.startsWith(prefix));
}

async function completePath(path: string, connection: Connection): Promise<string[]> {
  if (!connection.isConnected) return [];
  const parent = path.slice(0, path.lastIndexOf('/')) || '/';
  const hits = withPrefix(await childPaths(parent, connection), path);
  // if the only match is the word itself, the path is complete: suggest the node's children
  if (hits.length !== 1 || hits[0] !== path) return hits;
  const below = await childPaths(path, connection);
  return below.length > 0 ? below : hits;
}

async function childPaths(parent: string, connection: Connection): Promise<string[]> {
  try {
    const { children } = await connection.requests(AbortSignal.timeout(patienceMs)).children(parent);
    // skip names with characters that the terminal shows escaped, because the user cannot type such a name
    const names = children.filter((child) => visible(child) === child);
    return names.sort().map((child) => childPath(parent, child));
  } catch {
    return [];
  }
}
