import { type Edit, folderOf, mutants } from './table.js';

interface Loaded {
  source?: string | ArrayBuffer | Uint8Array;
}

let root = '';
let edits: readonly Edit[] = [];

/** Called by Node.js before the first module is loaded. */
export function initialize(id: string): void {
  const mutant = mutants.find((each) => each.id === id);
  if (mutant === undefined) throw new Error(`there is no mutant ${id}`);
  root = `/${folderOf(mutant)}`;
  edits = mutant.edits;
}

export async function load(
  url: string,
  context: unknown,
  next: (url: string, context: unknown) => Promise<Loaded>,
): Promise<Loaded> {
  const loaded = await next(url, context);
  const at = url.indexOf(root);
  const concerned = at < 0 ? [] : edits.filter(({ file }) => url.slice(at + root.length) === file);
  if (concerned.length === 0) return loaded;
  const text = typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString();
  return { ...loaded, source: concerned.reduce(applied, text) };
}

/** Code that has moved on takes its mutants along: an edit that does not fit is an error. */
export function applied(source: string, { file, find, replace }: Edit): string {
  const parts = source.split(find);
  if (parts.length !== 2) throw new Error(`${file} has "${find}" ${parts.length - 1} times, and not once`);
  return parts.join(replace);
}
