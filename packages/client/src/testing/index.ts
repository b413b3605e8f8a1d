/**
 * Internal parts of the client, for programs that run sessions with their own clock and network, such as the simulator.
 * The exports of this file may change in any release.
 */
export { Conversation } from '../core/conversation.js';
export { KeepAlive } from '../core/keep-alive.js';
export { operations } from '../core/operation.js';
export { ParkedRequests } from '../core/parked-requests.js';
export * from '../core/ports.js';
export { ClientRequest, type Failure } from '../core/request.js';
export { Session } from '../core/session.js';
export type { SessionEvent, SessionListener, SessionOptions, State } from '../core/session-types.js';
export type { WatchKind } from '../core/watch-registry.js';
export { Chroot } from '../paths.js';
export { Requests } from '../requests.js';
export type { WatchCallback, WatchEvent } from '../watch/watch-event.js';
export { Watches } from '../watch/watches.js';
