import { type Place, RecipeError } from '../foundation/errors.js';

/** The content of kazoo's node `lease_holder`. */
interface LeaseRecord {
  readonly version: number;
  readonly holder: string;
  /** When the lease ends, in milliseconds since 1970. On the wire it has whole seconds. */
  readonly endMs: number;
}

export const leaseVersion = 1;

export function encodeLease({ version, holder, endMs }: LeaseRecord): string {
  return JSON.stringify({ version, holder, end: new Date(endMs).toISOString().slice(0, 19) });
}

/** @throws `BAD_NODE` if the data is no lease */
export function decodeLease(data: Buffer | null, path: string, place: Place): LeaseRecord {
  const record = parse(data);
  const version = record?.version;
  if (typeof version !== 'number') throw badNode(path, place);
  // only this version is known to have the other fields
  if (version !== leaseVersion) return { version, holder: '', endMs: Number.POSITIVE_INFINITY };
  const { holder, end } = record as { holder?: unknown; end?: unknown };
  const isTime = typeof end === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(end);
  const endMs = isTime ? Date.parse(`${end}Z`) : Number.NaN;
  if (typeof holder !== 'string' || Number.isNaN(endMs)) throw badNode(path, place);
  return { version, holder, endMs };
}

function parse(data: Buffer | null): { readonly version?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(data?.toString() ?? '');
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function badNode(path: string, place: Place): RecipeError {
  return new RecipeError('BAD_NODE', place, `${path} does not contain a lease`);
}
