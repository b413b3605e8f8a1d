/** An event as ZooKeeper's shell prints it. An event of the connection has the type None and no path. */
export interface ShownEvent {
  readonly state: string;
  readonly type: string;
  readonly path: string | null;
  readonly zxid: number;
}

export function formatWatchEvent({ state, type, path, zxid }: ShownEvent): string {
  return `\nWATCHER::\n\nWatchedEvent state:${state} type:${type} path:${path} zxid: ${zxid}`;
}
