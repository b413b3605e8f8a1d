/** How a task ended. */
type TaskState = 'done' | 'failed' | 'lost' | 'cancelled';

const states: readonly string[] = ['done', 'failed', 'lost', 'cancelled'];

/** The content of the node `/status/<task>`: a line `<state> <worker>`, and then the result or the reason. */
interface StatusRecord {
  readonly state: TaskState;
  /** Missing for a cancelled task, and if a person has written the status. */
  readonly worker: string | undefined;
  /** The encoded result of `done`, the text of the error of `failed`; otherwise undefined. */
  readonly body: Buffer | undefined;
}

export function encodeStatus(state: TaskState, worker?: string, body?: Uint8Array | string | null): Buffer {
  const head = worker === undefined ? state : `${state} ${worker}`;
  if (body === undefined || body === null) return Buffer.from(head);
  return Buffer.concat([Buffer.from(`${head}\n`), Buffer.from(body as Uint8Array)]);
}

/** Returns undefined for data in another form. */
export function decodeStatus(data: Buffer | null): StatusRecord | undefined {
  if (data === null) return undefined;
  const lineEnd = data.indexOf('\n');
  const head = data.toString('utf8', 0, lineEnd < 0 ? data.length : lineEnd);
  const [state = '', ...worker] = head.split(' ');
  if (!states.includes(state)) return undefined;
  const body = lineEnd < 0 ? undefined : data.subarray(lineEnd + 1);
  return { state: state as TaskState, worker: worker.join(' ') || undefined, body };
}
