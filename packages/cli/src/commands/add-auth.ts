import type { Command } from './command.js';
import { usageFailure } from './read-call.js';

export const addAuth: Command = {
  name: 'addauth',
  usage: 'scheme auth',
  summary: 'log in: addauth digest user:password',
  options: { rows: [] },
  words: [1],
  run({ zk, word, words: [, auth] }) {
    const scheme = word(0);
    // Some schemes need no value. For the digest scheme, the server would end the session if the value were missing.
    if (scheme === 'digest' && auth === undefined) throw usageFailure(addAuth);
    zk.addAuth(scheme, auth ?? '');
  },
};
