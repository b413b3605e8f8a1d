import type { Operation } from '../history/operations.js';
import type { Model } from './linearizability.js';

/** The data and version of an existing node. */
interface Node {
  readonly value: string;
  readonly version: number;
}
type State = { readonly node: Node | undefined };

const absent: State = { node: undefined };

/** The model of one node with create, set, delete and reads. */
export const registerModel: Model<Operation, State> = {
  initial: absent,
  nameOf: ({ node }) => (node === undefined ? '' : `${node.version} ${node.value}`),
  step(state, operation) {
    const { kind, outcome } = operation;
    if (kind === 'read' || kind === 'sync+read') return isSeen(state, operation) ? state : undefined;
    const result = carryOut(state, operation);
    // an operation without a reply is only tried if it changes the state, because the order may also leave it out
    if (outcome === 'unknown') return typeof result === 'string' ? undefined : result;
    if (outcome === 'refused') return result === operation.error ? state : undefined;
    if (typeof result === 'string') return undefined;
    const { seen } = operation;
    return seen === undefined || seen?.version === result.node?.version ? result : undefined;
  },
};

/** The state after the write, or the error code with which the server refuses it. */
function carryOut({ node }: State, { kind, value, ifVersion }: Operation): State | string {
  if (kind === 'create') return node === undefined ? { node: { value: value!, version: 0 } } : 'NODEEXISTS';
  if (node === undefined) return 'NONODE';
  if (ifVersion !== undefined && ifVersion !== node.version) return 'BADVERSION';
  return kind === 'delete' ? absent : { node: { value: value!, version: node.version + 1 } };
}

function isSeen({ node }: State, { seen }: Operation): boolean {
  if (node === undefined) return seen === null;
  return seen != null && seen.version === node.version && seen.value === node.value;
}

/**
 * The operations that must be linearizable. Reads without a sync are excluded because they may be stale. Failed reads,
 * and writes that certainly had no effect (`void`), are excluded too.
 */
export function linearizablePart(operations: readonly Operation[]): Operation[] {
  return operations.filter(({ kind, outcome }) => {
    if (kind === 'read' || outcome === 'void') return false;
    return kind !== 'sync+read' || outcome === 'ok';
  });
}
