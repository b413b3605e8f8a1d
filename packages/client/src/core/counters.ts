import type { Conversation } from './conversation.js';

/** What a session has done since it was made. */
export interface SessionCounters {
  connects: number;
  failedConnects: number;
  disconnects: number;
  requestsSent: number;
  repliesReceived: number;
  watchEvents: number;
  pings: number;
  framesSent: number;
  framesReceived: number;
  bytesSent: number;
  bytesReceived: number;
  /** How long the last ping took; undefined before the first. */
  pingMs: number | undefined;
}

export function zeroCounters(): SessionCounters {
  return {
    connects: 0,
    failedConnects: 0,
    disconnects: 0,
    requestsSent: 0,
    repliesReceived: 0,
    watchEvents: 0,
    pings: 0,
    framesSent: 0,
    framesReceived: 0,
    bytesSent: 0,
    bytesReceived: 0,
    pingMs: undefined,
  };
}

export function addTraffic<Watcher>(counters: SessionCounters, conversation: Conversation<Watcher>): void {
  counters.framesSent += conversation.outbox.frames;
  counters.bytesSent += conversation.outbox.bytes;
  counters.framesReceived += conversation.framesReceived;
  counters.bytesReceived += conversation.bytesReceived;
}
