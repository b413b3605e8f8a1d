/**
 * A process that holds the lock `/a`, for `processes.test.ts`. Arguments: connect string, session timeout in milliseconds. It
 * tells its parent `{ token }` when it has the lock, and `{ lost }` when the signal of its hold is aborted. For each
 * message it writes at once, with its token, and does not look at the signal: `{ write: token }`.
 */
import { connect } from '@nodekeeper/client';
import { Lock } from '../../src/index.js';

const [servers, timeoutMs] = process.argv.slice(2);
const zk = await connect(servers, { sessionTimeoutMs: Number(timeoutMs) });
const held = await new Lock(zk, '/a', { policy: 'session' }).acquire();
const tell = (message: object) => process.send!(message);
process.on('message', () => tell({ write: held.token }));
process.on('disconnect', () => process.exit());
held.signal.addEventListener('abort', () => tell({ lost: held.signal.reason.code }));
tell({ token: held.token });
