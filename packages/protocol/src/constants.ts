/** The small enumerations of the client protocol (spec 1.4, 1.8, 1.10, 2.1). */

/** The xids of messages that are not numbered requests: watch events, pings, auth packets and setWatches. */
export const Xid = { notification: -1, ping: -2, auth: -4, setWatches: -8 } as const;

export const Perm = { READ: 1, WRITE: 2, CREATE: 4, DELETE: 8, ADMIN: 16, ALL: 31 } as const;

export const EventType = {
  none: -1,
  nodeCreated: 1,
  nodeDeleted: 2,
  nodeDataChanged: 3,
  nodeChildrenChanged: 4,
} as const;

export const KeeperState = {
  disconnected: 0,
  syncConnected: 3,
  authFailed: 4,
  connectedReadOnly: 5,
  saslAuthenticated: 6,
  closed: 7,
  expired: -112,
} as const;

/** The kinds of watches that a checkWatches or removeWatches request can name. */
export const WatcherType = { children: 1, data: 2, any: 3, persistent: 4, persistentRecursive: 5 } as const;

export const AddWatchMode = { persistent: 0, persistentRecursive: 1 } as const;

export interface CreateMode {
  readonly name: string;
  readonly ephemeral: boolean;
  readonly sequential: boolean;
  readonly container: boolean;
  readonly ttl: boolean;
}

const mode = (name: string, flags: Partial<CreateMode> = {}): CreateMode => ({
  name,
  ephemeral: false,
  sequential: false,
  container: false,
  ttl: false,
  ...flags,
});

/** The create modes. The index of a mode in the list is its flag on the wire. */
export const createModes: readonly CreateMode[] = [
  mode('PERSISTENT'),
  mode('EPHEMERAL', { ephemeral: true }),
  mode('PERSISTENT_SEQUENTIAL', { sequential: true }),
  mode('EPHEMERAL_SEQUENTIAL', { ephemeral: true, sequential: true }),
  mode('CONTAINER', { container: true }),
  mode('PERSISTENT_WITH_TTL', { ttl: true }),
  mode('PERSISTENT_SEQUENTIAL_WITH_TTL', { sequential: true, ttl: true }),
];

export const CreateFlag = {
  PERSISTENT: 0,
  EPHEMERAL: 1,
  PERSISTENT_SEQUENTIAL: 2,
  EPHEMERAL_SEQUENTIAL: 3,
  CONTAINER: 4,
  PERSISTENT_WITH_TTL: 5,
  PERSISTENT_SEQUENTIAL_WITH_TTL: 6,
} as const;
