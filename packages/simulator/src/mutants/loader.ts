import { type Edit, folderOf, mutants } from './table.js';

interface Loaded {
  source?: string | ArrayBuffer | Uint8Array;
}

let root = '';
let edits: readonly Edit[] = [];

/** Called by Node.js before the first module is loaded. */
export function initialize(id: string): void {
  const mutant = mutants.find((each) => each.id === id);
  if (mutant === undefined) throw new Error(`no mutant is named ${id}`);
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

/**
 * Applies an edit to the source. Throws an error if the edit does not fit. Otherwise a change of the code could
 * silently disable a mutant.
 */
export function applied(source: string, { file, find, replace }: Edit): string {
  const parts = source.split(find);
  if (parts.length !== 2)
    throw new Error(`${file} contains "${find}" ${parts.length - 1} times; it must contain it exactly once`);
  return parts.join(replace);
}
