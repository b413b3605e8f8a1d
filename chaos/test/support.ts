import type { Operation, OperationKind, Seen } from '../src/history/operations.js';

const key = '/k';
let number = 0;

interface Told extends Partial<Operation> {
  /** The value, version, mzxid and czxid that the operation saw. Null if the node did not exist. */
  readonly saw?: readonly [value: string | undefined, version: number, mzxid?: number, czxid?: number] | null;
}

/** An operation for a test, invoked at `from` and completed at `to`. If `to` is undefined, its outcome is unknown. */
export function operation(kind: OperationKind, from: number, to: number | undefined, told: Told = {}): Operation {
  const { saw, ...rest } = told;
  return {
    number: ++number,
    session: rest.client ?? 'a',
    client: 'a',
    server: 's',
    key,
    kind,
    invokedMs: from,
    completedMs: to ?? Number.POSITIVE_INFINITY,
    outcome: to === undefined ? 'unknown' : rest.error === undefined ? 'ok' : 'refused',
    ...rest,
    ...(saw === undefined ? {} : { seen: saw && seen(...saw) }),
  };
}

function seen(value: string | undefined, version: number, mzxid = 0, czxid = 1): Seen {
  return { value, version, mzxid, czxid };
}
