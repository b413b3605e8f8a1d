/** The content of the node `/workers/<name>`. */
export interface WorkerData {
  /** Identifies one registration of one worker. */
  readonly id?: string;
  /** How many tasks the worker runs at the same time. 0: it gets no new tasks. */
  readonly parallel: number;
  /** Any JSON, for the assignment strategy of the master. */
  readonly info?: unknown;
}

export function encodeWorker(data: WorkerData): string {
  return JSON.stringify(data);
}

/** A worker whose node has any other content, for example `host:port`, runs one task at a time. */
export function decodeWorker(data: Buffer | null): WorkerData {
  const value = parsed(String(data ?? ''));
  if (!Number.isSafeInteger(value?.parallel) || value!.parallel! < 0) return { parallel: 1 };
  return value as WorkerData;
}

function parsed(text: string): Partial<WorkerData> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
