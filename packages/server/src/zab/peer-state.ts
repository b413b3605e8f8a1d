/** What a server of an ensemble is doing, with its number in election messages (inventory 4.2). */
export const peerStates = { looking: 0, following: 1, leading: 2, observing: 3 } as const;

export type PeerState = keyof typeof peerStates;

const byNumber = new Map<number, PeerState>(
  Object.entries(peerStates).map(([state, number]) => [number, state as PeerState]),
);

/** Undefined for a number that no state has. */
export function peerStateOf(number: number): PeerState | undefined {
  return byNumber.get(number);
}
