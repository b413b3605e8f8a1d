import type { Edit, Mutant } from './table.js';

function client(id: string, undoes: string, ...edits: Edit[]): Mutant {
  return { id, undoes, package: 'client', edits };
}

/** The mutants CL-n. Each removes the code that keeps one promise of the client. */
export const clientMutants: readonly Mutant[] = [
  client('CL-1', 'watches are registered again with the next server', {
    file: 'core/session.js',
    find: 'watchBatches(this.watches, toldZxid)',
    replace: '[]',
  }),
  client('CL-2a', 'the client asks the next server for the events after the last one that its watches received', {
    file: 'core/session.js',
    find: 'watchBatches(this.watches, toldZxid)',
    replace: 'watchBatches(this.watches, toldZxid === 0 ? 0 : toldZxid + 3)',
  }),
  client('CL-2b', 'the client does not ask the next server for events that its watches received already', {
    file: 'core/session.js',
    find: 'watchBatches(this.watches, toldZxid)',
    replace: 'watchBatches(this.watches, 0)',
  }),
  client('CL-2c', 'one event of a transaction does not stand for all of them', {
    file: 'core/session.js',
    find: 'watchBatches(this.watches, toldZxid)',
    replace: 'watchBatches(this.watches, seenZxid)',
  }),
  client('CL-3', 'a request that was sent may have been carried out', {
    file: 'core/failures.js',
    find: "request.sent ? 'unknown' : 'not-sent'",
    replace: "'not-sent'",
  }),
  client('CL-4', 'the client tells a server the highest zxid that it has seen', {
    file: 'core/identity.js',
    find: 'lastZxidSeen,',
    replace: 'lastZxidSeen: 0,',
  }),
  client('CL-5', 'the zxid that a client has seen never decreases', {
    file: 'core/progress.js',
    find: 'if (zxid > this.seenZxid)',
    replace: 'if (true)',
  }),
  client('CL-6', 'a request gets one outcome', {
    file: 'core/request.js',
    find: 'succeed(response) {\n        if (this.finished)\n            return;',
    replace: 'succeed(response) {',
  }),
  client('CL-7', 'a reply belongs to the oldest request, even if its caller no longer waits', {
    file: 'core/conversation.js',
    find: 'this.listener.replied(this.pending.shift(), err, reader);',
    replace: `const oldest = this.pending.shift();
        const next = this.pending.peek();
        this.listener.replied(oldest.finished && next !== undefined ? next : oldest, err, reader);`,
  }),
  client('CL-8', 'a request whose connection was lost is never sent again', {
    file: 'core/session.js',
    find: "failUnanswered(unanswered, { code: 'CONNECTIONLOSS', outcome: 'unknown', detail });",
    replace: 'for (const request of unanswered) this.#parked.add(request);',
  }),
  client('CL-9', 'requests that waited for a connection are sent in order', {
    file: 'core/session.js',
    find: 'of this.#parked.drain())',
    replace: 'of [...this.#parked.drain()].reverse())',
  }),
  client('CL-10', 'an idle session pings', {
    file: 'core/keep-alive.js',
    find: 'return this.#lastSentMs + this.timing.pingMs;',
    replace: 'return Number.POSITIVE_INFINITY;',
  }),
  client('CL-11', 'the client disconnects from a silent server', {
    file: 'core/keep-alive.js',
    find: 'return this.#lastHeardMs + this.timing.readMs;',
    replace: 'return Number.POSITIVE_INFINITY;',
  }),
  client('CL-12a', 'the client ends a session that is certainly over', {
    file: 'core/keep-alive.js',
    find: 'return this.#lastHeardMs + this.timing.expireMs;',
    replace: 'return Number.POSITIVE_INFINITY;',
  }),
  client('CL-12b', 'the client does not end a session before it is certainly over', {
    file: 'core/keep-alive.js',
    find: 'return this.#lastHeardMs + this.timing.expireMs;',
    replace: 'return this.#lastHeardMs + this.timing.readMs;',
  }),
  client('CL-13', 'a session that a server no longer knows is over', {
    file: 'core/session.js',
    find: 'if (response.timeOut > 0)',
    replace: 'if (true)',
  }),
  client('CL-14', 'credentials are sent before every request', {
    file: 'core/conversation.js',
    find: 'for (const entry of auths)\n            this.authenticate(entry);',
    replace: '',
  }),
  client('CL-15', 'persistent watches get PossiblyMissed when they may have missed something', {
    file: 'core/session.js',
    find: 'if (this.progress.toldUntil(zxid))',
    replace: 'if (false)',
  }),
  client('CL-16', 'requests that wait for a connection end with their session', {
    file: 'core/session.js',
    find: 'this.#parked.failAll(this.#overFailure);',
    replace: '',
  }),
];
